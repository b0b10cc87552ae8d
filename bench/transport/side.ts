/** One side of a measurement, run as a process of its own: signals through its parent, moves bytes, reports time and cost. */
import type { Attempt, Candidate, Channel, StartAttempt } from '../../transport/contract.ts'
import type { TransportOptions } from '../../transport/webrtc-attempt.ts'

/** What the parent tells a side to do. */
export type Job = {
  readonly stack: TransportOptions | 'node-datachannel'
  readonly role: 'send' | 'receive'
  readonly bytes: number
  readonly messageBytes: number
  /** The receiver stops this long after its channel opened, whatever has arrived. Choose `bytes` so that they are never reached. */
  readonly seconds?: number
}

export type SideReport = {
  /** From the start of the attempt until the channel was open. */
  readonly openMs: number
  /** From open to the last byte. The receiver's is the duration of the transfer. */
  readonly transferMs: number
  /** In whole messages. */
  readonly receivedBytes: number
  readonly cpuSeconds: number
  readonly peakRssBytes: number
}

/** Messages between a side and its parent, which passes descriptions and candidates on to the other side. */
export type SideMessage =
  | { readonly type: 'description'; readonly sdp: string }
  | { readonly type: 'candidate'; readonly candidate: Candidate }
  | { readonly type: 'opened' }
  | { readonly type: 'report'; readonly report: SideReport }
  | { readonly type: 'finish' }

function tell(message: SideMessage) {
  return process.send?.(message)
}

async function starterOf(stack: Job['stack']): Promise<StartAttempt> {
  if (stack === 'node-datachannel') return (await import('./node-datachannel.ts')).startNodeDatachannel
  return (await import('../../transport/webrtc-attempt.ts')).makeStartAttempt(stack)
}

async function startOf(stack: Job['stack']): Promise<Attempt> {
  const start = await starterOf(stack)
  function onCandidate(candidate: Candidate) {
    return tell({ type: 'candidate', candidate })
  }
  return start({ iceServers: [], relayOnly: false, onCandidate })
}

async function main(job: Job): Promise<void> {
  const finish = Promise.withResolvers<void>()
  const starting = startOf(job.stack)
  process.on('message', (message: SideMessage) => {
    if (message.type === 'finish') finish.resolve()
    void starting.then((attempt) => {
      if (message.type === 'candidate') attempt.addCandidate(message.candidate)
      if (message.type === 'description') void describe(attempt, job.role, message.sdp)
    })
  })
  const attempt = await starting
  const begunMs = performance.now()
  if (job.role === 'send') tell({ type: 'description', sdp: await attempt.offer() })
  const { channel } = await attempt.opened
  const openMs = performance.now()
  tell({ type: 'opened' })
  let receivedBytes = 0
  if (job.role === 'send') await Promise.race([sendBytes(channel, job), finish.promise])
  else receivedBytes = await receiveBytes(channel, job)
  const transferMs = performance.now() - openMs
  // The sender works until the last acknowledgement; the parent sends `finish` after the receiver's report.
  if (job.role === 'send') await finish.promise
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6
  tell({
    type: 'report',
    report: {
      openMs: openMs - begunMs,
      transferMs,
      receivedBytes,
      cpuSeconds,
      peakRssBytes: maxRSS * 1_024,
    },
  })
  await finish.promise
  attempt.close()
  // The threads of the native stack would keep the process alive.
  process.exit()
}

/** Sides on one machine may have nothing but its loopback. */
const PLACE = { onThisHost: true }

async function describe(attempt: Attempt, role: Job['role'], sdp: string): Promise<void> {
  if (role === 'send') await attempt.accept(sdp, PLACE)
  else tell({ type: 'description', sdp: await attempt.answer(sdp, PLACE) })
}

async function sendBytes(channel: Channel, { bytes, messageBytes }: Job): Promise<void> {
  const message = Buffer.alloc(messageBytes, 0x5a)
  for (let left = bytes; left > 0; left -= messageBytes) await channel.send(message.subarray(0, left))
}

/** Returns how many bytes arrived: at least `bytes`, or as many as `seconds` allowed. */
async function receiveBytes(channel: Channel, { bytes, seconds }: Job): Promise<number> {
  let receivedBytes = 0
  const { promise: finished, resolve: finish, reject } = Promise.withResolvers<void>()
  channel.receive({
    onMessage({ length }) {
      receivedBytes += length
      channel.consumed(length)
      if (receivedBytes >= bytes) finish()
    },
    onEnd: (error) => (error ? reject(error) : finish()),
  })
  if (seconds !== undefined) setTimeout(finish, seconds * 1_000)
  await finished
  return receivedBytes
}

if (process.send) {
  process.once('message', (job: Job) => {
    void main(job)
  })
}
