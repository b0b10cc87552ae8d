/** A process on one of two hosts: makes attempts as it is told, and tells its descriptions, candidates and what became of it. */
import { makeStartAttempt } from '../../../transport/webrtc-attempt.ts'
import type { Attempt, Candidate } from '../../../transport/contract.ts'

export type SideApart =
  | { readonly type: 'offer'; readonly towards: readonly string[] }
  | { readonly type: 'description'; readonly sdp: string }
  | { readonly type: 'candidate'; readonly candidate: Candidate }
  | { readonly type: 'ended'; readonly outcome: string }

let attempt: Attempt | undefined
let isOffering = false

function begin(towards: readonly string[] = []): Attempt {
  attempt?.close()
  attempt = makeStartAttempt({ transport: 'fast', towards })({
    iceServers: [],
    relayOnly: false,
    onCandidate: (candidate) => tell({ type: 'candidate', candidate }),
  })
  attempt.opened.then(
    ({ path }) => tell({ type: 'ended', outcome: path().kind }),
    (error: Error) => tell({ type: 'ended', outcome: error.message }),
  )
  return attempt
}

function tell(message: SideApart): void {
  process.send?.(message)
}

async function handle(message: SideApart): Promise<void> {
  if (message.type === 'candidate') return attempt?.addCandidate(message.candidate)
  isOffering = message.type === 'offer' || (isOffering && attempt !== undefined)
  if (message.type === 'offer')
    return tell({ type: 'description', sdp: await begin(message.towards).offer() })
  if (message.type !== 'description') return
  if (isOffering) return attempt?.accept(message.sdp)
  tell({ type: 'description', sdp: await begin().answer(message.sdp) })
}

process.on('message', (message: SideApart) => void handle(message))
