/** Attempts at a data channel over a network in memory. The test decides in advance what happens to each attempt. */
import type { Attempt, Candidate, Channel, PeerPlace, StartAttempt } from '../../../peer/channel.ts'
import { channelPair } from './channel-pair.ts'
import type { ChannelPair } from './channel-pair.ts'
import type { VirtualClock } from '../clock.ts'

/** `openAfterMs` counts from the answer's arrival; when undefined, the attempt hangs forever. `fails` rejects at once. */
export type Fate = {
  readonly openAfterMs?: number
  readonly fails?: boolean
  readonly disturb?: (pair: ChannelPair) => void
}

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':')
function sdpOf(number: number): string {
  return `v=0\r\na=mid:${number}\r\na=fingerprint:sha-256 ${fingerprint}\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n`
}

/** One end of one attempt. */
export class FakeAttempt implements Attempt {
  readonly candidates: Candidate[] = []
  /** The peer's description as it arrived, and where the peer is. */
  description: string | undefined
  place: PeerPlace | undefined
  readonly #opening = Promise.withResolvers<Awaited<Attempt['opened']>>()
  readonly opened = this.#opening.promise
  readonly #onAccepted: () => void
  readonly number: number
  channel: Channel | undefined
  closed = false

  constructor(number: number, onAccepted: () => void) {
    this.number = number
    this.#onAccepted = onAccepted
    this.opened.catch(() => {}) // an attempt may fail before anything awaits it
  }

  async offer(): Promise<string> {
    return sdpOf(this.number)
  }

  async answer(offer: string, place: PeerPlace): Promise<string> {
    this.description = offer
    this.place = place
    if (offer !== sdpOf(this.number)) throw new Error('this offer belongs to another attempt')
    return sdpOf(this.number)
  }

  async accept(answer: string, place: PeerPlace): Promise<void> {
    this.description = answer
    this.place = place
    this.#onAccepted()
  }

  addCandidate(candidate: Candidate): void {
    this.candidates.push(candidate)
  }

  open(channel: Channel): void {
    this.channel = channel
    this.#opening.resolve({
      channel,
      path: () => ({ kind: 'direct', protocol: 'udp', roundTripMs: this.number }),
    })
  }

  fail(): void {
    this.#opening.reject(new Error('the transport failed'))
  }

  close(): void {
    this.closed = true
    this.channel?.close()
    this.fail()
  }
}

export class FakeNetwork {
  readonly offering: FakeAttempt[] = []
  readonly answering: FakeAttempt[] = []
  readonly #clock: VirtualClock
  readonly #fates: readonly Fate[]
  /** Candidates that each side gathers in each attempt. */
  readonly #gathered: readonly string[]

  constructor(clock: VirtualClock, fates: readonly Fate[], gathered: readonly string[] = []) {
    this.#clock = clock
    this.#fates = fates
    this.#gathered = gathered
  }

  readonly startOffering: StartAttempt = ({ onCandidate }) => this.#start(this.offering, onCandidate)
  readonly startAnswering: StartAttempt = ({ onCandidate }) => this.#start(this.answering, onCandidate)

  #start(side: FakeAttempt[], onCandidate: (candidate: Candidate) => void): FakeAttempt {
    const number = side.length
    const attempt = new FakeAttempt(number, () => this.#accepted(number))
    side.push(attempt)
    // Gathered before the description exists, as a fast stack may do.
    for (const candidate of this.#gathered) onCandidate({ candidate, sdpMid: '0', sdpMLineIndex: 0 })
    return attempt
  }

  #accepted(number: number): void {
    const ends = [this.offering[number], this.answering[number]] as const
    const { openAfterMs, fails = false, disturb = () => {} } = this.#fates[number] ?? {}
    if (fails) for (const end of ends) end?.fail()
    if (openAfterMs === undefined) return
    this.#clock.after(openAfterMs, () => {
      if (ends.some((end) => !end || end.closed)) return
      const pair = channelPair(this.#clock)
      disturb(pair)
      ends[0]?.open(pair.a)
      ends[1]?.open(pair.b)
    })
  }
}
