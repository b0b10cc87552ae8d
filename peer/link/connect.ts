/**
 * From a meeting to a link: several attempts at a data channel in parallel, because an attempt that hangs never reports it. The first
 * attempt on which both sides have exchanged hellos in sealed records becomes the connection; only that counts as connected.
 */
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import { MAX_CONNECTION_ATTEMPTS } from '../../protocol/meeting/signals.ts'
import type { Signal } from '../../protocol/meeting/signals.ts'
import { encodeHello } from '../../protocol/transfer/opening-frames.ts'
import type { HelloBody } from '../../protocol/transfer/opening-frames.ts'
import type { Candidate, Clock, IceServer, Path, PeerPlace, Primitives, StartAttempt } from '../channel.ts'
import type { Meeting } from '../meeting/meeting.ts'
import { AttemptFailures, isFinal, isSuspicious } from './attempt-failures.ts'
import { CandidateLimits } from './candidate-limits.ts'
import { receiveHello } from './hello-exchange.ts'
import { openLink } from './link.ts'
import type { Link } from './link.ts'
import { RunningAttempt } from './running-attempt.ts'

/** A connection that works is open in half a second; after this long, another attempt starts in parallel. */
const NEXT_ATTEMPT_MS = 3_000

/** The time for all attempts together. */
const CONNECT_WITHIN_MS = 20_000

/** How long an attempt may still succeed after the room is gone: its last signals may have been exchanged already. */
const WITHOUT_ROOM_MS = 5_000

export type ConnectOptions = {
  readonly meeting: Pick<Meeting, 'role' | 'signals' | 'recordKeys' | 'iceServers' | 'hostProofs'>
  readonly startAttempt: StartAttempt
  readonly primitives: Pick<Primitives, 'aead'>
  readonly clock: Clock
  /** What this side sends first on a link. */
  readonly hello: HelloBody
  /** The user's own servers, in place of the edge's. */
  readonly iceServers?: readonly IceServer[]
  readonly relayOnly?: boolean
  /** What only this host knows about itself; without it the other side counts as being on another host. */
  readonly hostIdentity?: string | undefined
  readonly signal?: AbortSignal
}

export type Connection = {
  readonly link: Link
  /** How the link reaches the other side, as the transport sees it at this moment. */
  readonly path: () => Path
  /** What the other side sent first. */
  readonly peer: HelloBody
}

/**
 * Opens a link to the other side of `meeting`, within 20 s. The room is not needed afterwards; the caller leaves it.
 * @throws VoltdropError `no_path` when nothing opened, `tampered` or `broken_protocol` when someone else answered, `incompatible`,
 * `interrupted` when the other side left, `cancelled`.
 */
export function connect(options: ConnectOptions): Promise<Connection> {
  return new Connecting(options).run()
}

type Description = Extract<Signal, { type: 'offer' | 'answer' }>

class Connecting {
  readonly #options: ConnectOptions
  readonly #attempts = new Map<number, RunningAttempt>()
  readonly #failures = new AttemptFailures()
  readonly #outcome = Promise.withResolvers<Connection>()
  readonly #timers = new Set<() => void>()
  readonly #hostProofs: ReturnType<Meeting['hostProofs']> | undefined
  /** The attempt that won; no other one may win after it. */
  #winner: number | undefined
  #settled = false
  #connected = false

  constructor(options: ConnectOptions) {
    this.#options = options
    const { hostIdentity, meeting } = options
    this.#hostProofs = hostIdentity === undefined ? undefined : meeting.hostProofs(hostIdentity)
  }

  async run(): Promise<Connection> {
    const { signal, meeting } = this.#options
    const cancel = (): void => this.#fail(new VoltdropError('cancelled'))
    signal?.addEventListener('abort', cancel, { once: true })
    if (signal?.aborted) cancel()
    else {
      this.#after(CONNECT_WITHIN_MS, () => this.#fail(this.#failures.summary()))
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

  /** The sender's attempts: the first at once, each further one after 3 s, or when all before it have failed. */
  #offerNext(): void {
    const number = this.#attempts.size
    if (number >= MAX_CONNECTION_ATTEMPTS || this.#settled) return
    this.#after(NEXT_ATTEMPT_MS, () => {
      if (this.#attempts.size === number + 1) this.#offerNext()
    })
    this.#start(number, async ({ attempt, described }) => {
      await this.#send({ type: 'offer', attempt: number, sdp: await attempt.offer(), ...this.#ownHost })
      described.resolve()
    })
  }

  /** The receiver's attempts: one for each offer. */
  #answer({ attempt: number, sdp, host }: Description): void {
    this.#start(number, async (running) => {
      const answer = await running.answer(sdp, this.#placeOf(host))
      await this.#send({ type: 'answer', attempt: number, sdp: answer, ...this.#ownHost })
      running.described.resolve()
    })
  }

  get #ownHost(): { host?: string } {
    return this.#hostProofs ? { host: this.#hostProofs.own } : {}
  }

  #placeOf(host: string | undefined): PeerPlace {
    return { onThisHost: host !== undefined && host === this.#hostProofs?.peer }
  }

  #start(number: number, describe: (running: RunningAttempt) => Promise<void>): void {
    const { startAttempt, meeting, iceServers = meeting.iceServers, relayOnly = false } = this.#options
    const described = Promise.withResolvers<void>()
    const onCandidate = this.#candidateSender(number, described.promise)
    const attempt = this.#orFail(() => startAttempt({ iceServers, relayOnly, onCandidate }))
    if (!attempt) return
    const running = new RunningAttempt(attempt, described)
    this.#attempts.set(number, running)
    const failed = (error: unknown): void => this.#attemptFailed(number, asVoltdropError(error, 'no_path'))
    this.#exchangeHellos(number, running).catch(failed)
    describe(running).catch(failed)
  }

  /** A transport that cannot even start is an internal error and ends all attempts. */
  #orFail<T>(start: () => T): T | undefined {
    try {
      return start()
    } catch (error) {
      this.#fail(asVoltdropError(error))
      return undefined
    }
  }

  #candidateSender(number: number, described: Promise<void>): (candidate: Candidate) => void {
    const limits = new CandidateLimits()
    return (candidate) => {
      if (!limits.admits(candidate.candidate)) return
      described.then(() => this.#send({ type: 'candidate', attempt: number, ...candidate })).catch(() => {}) // without the room, the candidates sent so far must do
    }
  }

  /** A lost connection to the room does not fail an attempt: the reader of the signals handles it. */
  async #send(signal: Signal): Promise<void> {
    if (this.#settled) return
    await this.#options.meeting.signals.send(signal).catch((error: unknown) => {
      if (asVoltdropError(error).code !== 'edge_unreachable') throw error
    })
  }

  /** Waits for the channel, makes it a link and exchanges hellos: the sender speaks first, the receiver answers on one attempt only. */
  async #exchangeHellos(number: number, running: RunningAttempt): Promise<void> {
    const { meeting, primitives, clock, hello } = this.#options
    const { channel, path } = await running.attempt.opened
    if (this.#settled || running.failed) return channel.close()
    const link = openLink({ channel, keys: meeting.recordKeys(number), primitives, clock })
    running.link = link
    if (meeting.role === 'sender') await link.send(encodeHello(hello))
    const peer = await receiveHello(link)
    if (this.#winner !== undefined) return link.abort(slower())
    this.#winner = number
    if (meeting.role === 'receiver') await link.send(encodeHello(hello))
    if (this.#settled) return
    this.#settled = this.#connected = true
    this.#outcome.resolve({ link, path, peer })
  }

  async #receiveSignals(): Promise<void> {
    try {
      for await (const signal of this.#options.meeting.signals.messages) {
        if (this.#settled) return
        this.#handle(signal)
      }
    } catch (error) {
      if (this.#settled) return
      const failure = asVoltdropError(error)
      if (isFinal(failure) || isSuspicious(failure)) this.#fail(failure)
      // The other side may have left the room because it is already connected: its hello is then on its way.
      else this.#after(WITHOUT_ROOM_MS, () => this.#fail(this.#failures.suspicious ?? failure))
    }
  }

  #handle(signal: Signal): void {
    if (signal.type === 'no-relay')
      return this.#fail(new VoltdropError('no_path', 'the other side may only use a relay, and has none'))
    const running = this.#attempts.get(signal.attempt)
    const { role } = this.#options.meeting
    switch (signal.type) {
      case 'candidate':
        // A candidate of an attempt that this side does not have is ignored.
        return running?.addCandidate(signal)
      case 'offer':
        if (role === 'sender') throw new VoltdropError('broken_protocol', 'an offer from the receiver')
        if (!running) this.#answer(signal)
        return
      case 'answer':
        if (role === 'receiver') throw new VoltdropError('broken_protocol', 'an answer from the sender')
        if (running && !running.answered) this.#accept(signal, running)
    }
  }

  #accept({ attempt: number, sdp, host }: Description, running: RunningAttempt): void {
    running
      .accept(sdp, this.#placeOf(host))
      .catch((error: unknown) => this.#attemptFailed(number, asVoltdropError(error, 'no_path')))
  }

  #attemptFailed(number: number, error: VoltdropError): void {
    const running = this.#attempts.get(number)
    if (this.#settled || !running || running.failed) return
    running.failed = true
    this.#failures.add(error)
    if (isFinal(error) || number === this.#winner) return this.#fail(error)
    running.close(error)
    if (![...this.#attempts.values()].every(({ failed }) => failed)) return
    if (this.#attempts.size === MAX_CONNECTION_ATTEMPTS) this.#fail(this.#failures.summary())
    else if (this.#options.meeting.role === 'sender') this.#offerNext()
  }

  #after(ms: number, call: () => void): void {
    this.#timers.add(this.#options.clock.after(ms, call))
  }

  #fail(error: VoltdropError): void {
    if (this.#settled) return
    this.#settled = true
    this.#outcome.reject(error)
  }

  /** Closes everything except the link that is returned. */
  #cleanUp(): void {
    for (const cancel of this.#timers) cancel()
    for (const [number, running] of this.#attempts) {
      if (!this.#connected || number !== this.#winner) running.close(slower())
    }
  }
}

function slower(): VoltdropError {
  return new VoltdropError('interrupted', 'another attempt was faster')
}
