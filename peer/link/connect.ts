/**
 * From a meeting to a link: attempts at a data channel side by side, because one that hangs never says so. The first on which both
 * sides have said hello in sealed records is the connection; nothing else counts as being connected.
 */
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import type { Failure } from '../../protocol/errors.ts'
import { encodeError } from '../../protocol/transfer/closing-frames.ts'
import { encodeHello } from '../../protocol/transfer/opening-frames.ts'
import type { HelloBody } from '../../protocol/transfer/opening-frames.ts'
import { MAX_ATTEMPTS } from '../../protocol/meeting/signals.ts'
import type { Signal } from '../../protocol/meeting/signals.ts'
import type { Attempt, Candidate, Clock, IceServer, Path, Primitives, StartAttempt } from '../channel.ts'
import { openLink, receiveHello } from './link.ts'
import type { Link } from './link.ts'
import type { Meeting } from '../meeting/meeting.ts'

/** A connection that works is open in half a second; after this long another attempt starts beside it. */
const NEXT_ATTEMPT_MS = 3_000

/** The time for all attempts together. */
const CONNECT_WITHIN_MS = 20_000

/** How long an attempt on its way may still succeed once the room is gone: its last signals have been exchanged. */
const WITHOUT_ROOM_MS = 5_000

/**
 * Candidates told to the other side for each attempt, so that three attempts stay below the 64 messages of a room. Hosts with many
 * addresses must not push out the reflexive and relayed ones, which come last and work most often.
 */
const MAX_HOST_CANDIDATES = 10
const MAX_OTHER_CANDIDATES = 8

/** Failures that no other attempt can mend, so that waiting for one would only hide the reason. */
const final: readonly Failure[] = ['incompatible', 'cancelled', 'internal', 'wrong_code']

/** What is told when every attempt has failed: signs of somebody in the middle before mere silence. */
const telling: readonly Failure[] = ['tampered', 'broken_protocol']

export type ConnectOptions = {
  readonly meeting: Pick<Meeting, 'role' | 'signals' | 'recordKeys' | 'iceServers'>
  readonly startAttempt: StartAttempt
  readonly primitives: Pick<Primitives, 'aead'>
  readonly clock: Clock
  /** What this side says first on a link. */
  readonly hello: HelloBody
  /** The user's own servers instead of the edge's. */
  readonly iceServers?: readonly IceServer[]
  readonly relayOnly?: boolean
  readonly signal?: AbortSignal
}

export type Connection = {
  readonly link: Link
  /** How the link reaches the other side, as the transport sees it at this moment. */
  readonly path: () => Path
  /** What the other side said first. */
  readonly peer: HelloBody
}

/**
 * Opens a link to the other side of `meeting`, within 20 s. The room is not needed afterwards; leaving it is the caller's.
 * @throws VoltdropError `no_path` when nothing opened, `tampered` or `broken_protocol` when somebody else answered, `incompatible`,
 * `interrupted` when the other side left, `cancelled`.
 */
export function connect(options: ConnectOptions): Promise<Connection> {
  return new Connecting(options).run()
}

/** One attempt and what has become of it. */
type Running = {
  readonly attempt: Attempt
  /** Candidates wait for the description they belong to. */
  readonly described: PromiseWithResolvers<void>
  link?: Link
  answered: boolean
  failed: boolean
}

class Connecting {
  readonly #options: ConnectOptions
  readonly #attempts = new Map<number, Running>()
  readonly #outcome = Promise.withResolvers<Connection>()
  readonly #timers = new Set<() => void>()
  /** The attempt that won; from then on no other one may. */
  #winner: number | undefined
  #settled = false
  #connected = false
  #firstFailure: VoltdropError | undefined

  constructor(options: ConnectOptions) {
    this.#options = options
  }

  async run(): Promise<Connection> {
    const { signal, meeting } = this.#options
    const cancel = (): void => this.#fail(new VoltdropError('cancelled'))
    signal?.addEventListener('abort', cancel, { once: true })
    if (signal?.aborted) cancel()
    else {
      this.#after(CONNECT_WITHIN_MS, () => this.#fail(this.#nothingOpened()))
      void this.#receiveSignals()
      if (meeting.role === 'sender') this.#offerNext()
    }
    try {
      return await this.#outcome.promise
    } finally {
      signal?.removeEventListener('abort', cancel)
      this.#cleanUp()
    }
  }

  /** The sender's attempts: one at once, the next when 3 s have passed or the one before has failed. */
  #offerNext(): void {
    const number = this.#attempts.size
    if (number >= MAX_ATTEMPTS || this.#settled) return
    this.#after(NEXT_ATTEMPT_MS, () => {
      if (this.#attempts.size === number + 1) this.#offerNext()
    })
    this.#start(number, async ({ attempt, described }) => {
      await this.#send({ type: 'offer', attempt: number, sdp: await attempt.offer() })
      described.resolve()
    })
  }

  #start(number: number, describe: (running: Running) => Promise<void>): void {
    const { startAttempt, meeting, iceServers = meeting.iceServers, relayOnly = false } = this.#options
    const described = Promise.withResolvers<void>()
    const onCandidate = this.#candidateSender(number, described.promise)
    const attempt = this.#orFail(() => startAttempt({ iceServers, relayOnly, onCandidate }))
    if (!attempt) return
    const running: Running = { attempt, described, answered: false, failed: false }
    this.#attempts.set(number, running)
    const failed = (error: unknown): void => this.#attemptFailed(number, asVoltdropError(error, 'no_path'))
    this.#greet(number, running).catch(failed)
    describe(running).catch(failed)
  }

  /** A transport that cannot even begin is an error of ours, whichever attempt it was. */
  #orFail<T>(begin: () => T): T | undefined {
    try {
      return begin()
    } catch (error) {
      this.#fail(asVoltdropError(error))
      return undefined
    }
  }

  #candidateSender(number: number, described: Promise<void>): (candidate: Candidate) => void {
    let hosts = 0
    let others = 0
    return (candidate) => {
      const isHost = / typ host( |$)/.test(candidate.candidate)
      if (isHost ? ++hosts > MAX_HOST_CANDIDATES : ++others > MAX_OTHER_CANDIDATES) return
      described.then(() => this.#send({ type: 'candidate', attempt: number, ...candidate })).catch(() => {}) // without the room the candidates that were told must do
    }
  }

  /** A room that is gone fails no attempt: why it is gone, the one who reads the signals will hear. */
  async #send(signal: Signal): Promise<void> {
    if (this.#settled) return
    await this.#options.meeting.signals.send(signal).catch((error: unknown) => {
      if (asVoltdropError(error).code !== 'edge_unreachable') throw error
    })
  }

  /** Waits for the channel, makes it a link and exchanges hellos: the sender speaks first, the receiver answers one attempt only. */
  async #greet(number: number, running: Running): Promise<void> {
    const { meeting, primitives, clock, hello } = this.#options
    const { channel, path } = await running.attempt.opened
    if (this.#settled || running.failed) return channel.close()
    const link = openLink({ channel, keys: meeting.recordKeys(number), primitives, clock })
    running.link = link
    if (meeting.role === 'sender') await link.send(encodeHello(hello))
    const peer = await this.#peerHello(link)
    if (this.#winner !== undefined)
      return link.abort(new VoltdropError('interrupted', 'another attempt was faster'))
    this.#winner = number
    if (meeting.role === 'receiver') await link.send(encodeHello(hello))
    if (this.#settled) return
    this.#settled = this.#connected = true
    this.#outcome.resolve({ link, path, peer })
  }

  async #peerHello(link: Link): Promise<HelloBody> {
    try {
      return await receiveHello(link)
    } catch (error) {
      const failure = asVoltdropError(error)
      if (failure.code === 'incompatible') {
        // The other side learns why; closing has its own deadline.
        link.send(encodeError('incompatible')).catch(() => {})
        await link.close()
      }
      throw failure
    }
  }

  async #receiveSignals(): Promise<void> {
    try {
      for await (const signal of this.#options.meeting.signals.messages) {
        if (this.#settled) return
        this.#route(signal)
      }
    } catch (error) {
      if (this.#settled) return
      const failure = asVoltdropError(error)
      if (final.includes(failure.code) || telling.includes(failure.code)) this.#fail(failure)
      // The other side may have left the room because it is already connected: its hello is then on its way.
      else this.#after(WITHOUT_ROOM_MS, () => this.#fail(this.#tellingFailure() ?? failure))
    }
  }

  #route(signal: Signal): void {
    const running = this.#attempts.get(signal.attempt)
    const expected = this.#options.meeting.role === 'sender' ? 'answer' : 'offer'
    if (signal.type === 'candidate') {
      // Candidates of an attempt that this side has given up are of no use to anybody.
      if (running && !running.failed) running.attempt.addCandidate(candidateOf(signal))
      return
    }
    if (signal.type !== expected)
      throw new VoltdropError('broken_protocol', `${signal.type} from the wrong side`)
    if (signal.type === 'offer') {
      if (!running) this.#answer(signal.attempt, signal.sdp)
    } else if (running && !running.answered) {
      running.answered = true
      running.attempt
        .accept(signal.sdp)
        .catch((error: unknown) => this.#attemptFailed(signal.attempt, asVoltdropError(error, 'no_path')))
    }
  }

  #answer(number: number, offer: string): void {
    this.#start(number, async ({ attempt, described }) => {
      await this.#send({ type: 'answer', attempt: number, sdp: await attempt.answer(offer) })
      described.resolve()
    })
  }

  #attemptFailed(number: number, error: VoltdropError): void {
    const running = this.#attempts.get(number)
    if (this.#settled || !running || running.failed) return
    running.failed = true
    this.#firstFailure =
      this.#tellingFailure() ?? (telling.includes(error.code) ? error : (this.#firstFailure ?? error))
    if (final.includes(error.code) || number === this.#winner) return this.#fail(error)
    running.link?.abort(error)
    running.attempt.close()
    if (![...this.#attempts.values()].every(({ failed }) => failed)) return
    if (this.#attempts.size === MAX_ATTEMPTS) this.#fail(this.#nothingOpened())
    else if (this.#options.meeting.role === 'sender') this.#offerNext()
  }

  #tellingFailure(): VoltdropError | undefined {
    return this.#firstFailure && telling.includes(this.#firstFailure.code) ? this.#firstFailure : undefined
  }

  #nothingOpened(): VoltdropError {
    const first = this.#firstFailure
    return this.#tellingFailure() ?? new VoltdropError('no_path', first?.detail, { cause: first })
  }

  #after(ms: number, call: () => void): void {
    this.#timers.add(this.#options.clock.after(ms, call))
  }

  #fail(error: VoltdropError): void {
    if (this.#settled) return
    this.#settled = true
    this.#outcome.reject(error)
  }

  /** Everything is closed but the link that is handed out. */
  #cleanUp(): void {
    for (const cancel of this.#timers) cancel()
    const lost = new VoltdropError('interrupted', 'another attempt was faster')
    for (const [number, { attempt, link }] of this.#attempts) {
      if (this.#connected && number === this.#winner) continue
      link?.abort(lost)
      attempt.close()
    }
  }
}

function candidateOf(signal: Extract<Signal, { type: 'candidate' }>): Candidate {
  const { candidate, sdpMid, sdpMLineIndex } = signal
  return { candidate, sdpMid, sdpMLineIndex }
}
