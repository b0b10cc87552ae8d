/**
 * This library's own data path over a finished DTLS handshake: records, association and path MTU, and the life of the one
 * channel.
 */
import { randomBytes } from 'node:crypto'
import { DtlsLayer } from './dtls/dtls-layer.ts'
import { DTLS_RECORD_OVERHEAD_BYTES } from './dtls/dtls-records.ts'
import type { Layer } from './layer.ts'
import { baseDatagramBytes, PathWatch } from './path/path-watch.ts'
import type { AssociationState } from './sctp/association-options.ts'
import type { MakeCongestionController } from './sctp/congestion/congestion-controller.ts'
import { DataChannels, type DataChannel, type DataChannelsOptions } from './sctp/data-channels.ts'
import type { Runtime } from './sctp/runtime.ts'
import { TimerSet } from './timer-set.ts'
import type { Trace } from './trace-events.ts'
import { TransportError } from './transport-error.ts'
import { CLOSE_LINGER_MS, RESUME_BYTES, WebRtcChannel } from './webrtc-channel.ts'
import type { DtlsSession } from './werift/dtls-session.ts'

/** Bandwidth times delay of 1 Gbit/s at 50 ms, twice: a rate-based sender keeps that much in flight. */
const RECEIVE_WINDOW_BYTES = 16 * 1024 * 1024

/** The offering side opens the association; this much later the answering one does, should the peer wait for that. */
const ANSWERING_CONNECT_MS = 700

export type SctpDataPathOptions = {
  readonly isOffering: boolean
  /** Of the channel that the offering side opens. */
  readonly label: string
  readonly congestion: MakeCongestionController
  /** UDP payload of every packet, for measuring; without it the path's own size is searched. */
  readonly datagramBytes?: number | undefined
  readonly maxMessageBytes: number
  readonly trace?: Trace | undefined
  readonly onOpen: (channel: WebRtcChannel) => void
  /** It has ended; of interest when that was before `onOpen`. */
  readonly onFailed: (error: TransportError) => void
}

export class SctpDataPath {
  readonly #session: DtlsSession
  readonly #options: SctpDataPathOptions
  readonly #dtls: DtlsLayer
  readonly #channels: DataChannels
  readonly #pathWatch: PathWatch
  readonly #timers = new TimerSet()
  #channel: WebRtcChannel | undefined
  #dataChannel: DataChannel | undefined
  #isReleased = false
  #isFreed = false

  constructor(session: DtlsSession, options: SctpDataPathOptions) {
    const { ice, remoteMaxDatagramBytes } = session
    const { trace } = options
    const baseBytes = options.datagramBytes ?? baseDatagramBytes(ice.remoteHost)
    this.#session = session
    this.#options = options
    this.#dtls = new DtlsLayer(ice, session, trace)
    this.#channels = openDataChannels(this.#dtls, trace, {
      dtlsRole: session.isClient ? 'client' : 'server',
      remotePort: session.remoteSctpPort,
      maxPacketBytes: baseBytes - DTLS_RECORD_OVERHEAD_BYTES,
      maxMessageBytes: options.maxMessageBytes,
      receiveWindowBytes: RECEIVE_WINDOW_BYTES,
      congestion: options.congestion,
      roomBytes: RESUME_BYTES,
      onState: (state, reason) => this.#onState(state, reason),
      onChannel: (channel) => this.#take(channel),
      onRoom: () => this.#channel?.onRoom(),
    })
    const { association } = this.#channels
    this.#pathWatch = new PathWatch(association, ice, { baseBytes, remoteMaxDatagramBytes, trace })
    if (options.isOffering) this.#take(this.#channels.open(options.label))
    if (options.isOffering) association.connect()
    else this.#timers.after(ANSWERING_CONNECT_MS, () => association.connect())
  }

  /** Ends reading at once; what was sent gets up to a second to be acknowledged before the connection closes. */
  close(): void {
    if (this.#channel) this.#channel.close()
    else this.#release()
  }

  #release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#stopTimers()
    const { association } = this.#channels
    const channel = this.#dataChannel
    if (association.state !== 'open' || !channel || channel.state === 'closed') return this.#free()
    // A reset is confirmed only after everything sent on the stream has arrived (RFC 6525 section 5.1.2).
    channel.onState = (state) => {
      if (state === 'closed') this.#free()
    }
    this.#timers.after(CLOSE_LINGER_MS, () => this.#free())
    channel.close()
  }

  #free(): void {
    if (this.#isFreed) return
    this.#isFreed = true
    this.#isReleased = true
    this.#stopTimers()
    this.#channels.association.abort()
    this.#dtls.close()
  }

  #stopTimers(): void {
    this.#pathWatch.stop()
    this.#timers.clear()
  }

  /** The first channel is used; further ones of the peer are closed. */
  #take(dataChannel: DataChannel): void {
    if (this.#dataChannel) return dataChannel.close()
    this.#dataChannel = dataChannel
    const { association } = this.#channels
    const channel = new WebRtcChannel({
      send: (message) => this.#send(dataChannel, message),
      bufferedBytes: () => association.bufferedBytes,
      consumed: (bytes) => dataChannel.consumed(bytes),
      release: () => this.#release(),
    })
    this.#channel = channel
    dataChannel.onMessage = (message, isText) => channel.onMessage(message, isText)
    const onState = () => {
      if (dataChannel.state === 'open') this.#options.onOpen(channel)
      else if (dataChannel.state === 'closing' || dataChannel.state === 'closed') this.#end(undefined)
    }
    dataChannel.onState = onState
    if (dataChannel.state === 'open') onState()
  }

  #send(dataChannel: DataChannel, message: Uint8Array): void {
    const { remoteMaxMessageBytes } = this.#session
    if (remoteMaxMessageBytes > 0 && message.length > remoteMaxMessageBytes)
      throw new TransportError('internal', `the peer takes ${remoteMaxMessageBytes} bytes a message`)
    dataChannel.send(message)
  }

  #onState(state: AssociationState, reason: TransportError | undefined): void {
    if (state === 'open') this.#onOpen()
    else if (state === 'closed') this.#end(undefined)
    else if (state === 'failed') this.#end(reason ?? new TransportError('interrupted'))
  }

  #onOpen(): void {
    if (this.#options.datagramBytes === undefined) this.#pathWatch.start().catch(() => {})
  }

  /** The other side has closed, after which the channel's owner still closes; or the connection has failed, which frees it. */
  #end(error: TransportError | undefined): void {
    const channel = this.#channel
    this.#options.onFailed(error ?? new TransportError('no_path', 'the other side closed the connection'))
    if (!channel) this.#release()
    else if (error) channel.fail(asInterruption(error))
    else {
      channel.end()
      if (!this.#isReleased) this.#stopTimers()
    }
  }
}

/** ICE that fails under an open channel interrupts it. */
function asInterruption(error: TransportError): TransportError {
  return error.code === 'no_path' ? new TransportError('interrupted', error.detail, { cause: error }) : error
}

const nodeRuntime: Runtime = {
  now: () => performance.now(),
  setTimer: (delayMs, call) => {
    const timer = setTimeout(call, delayMs)
    return () => clearTimeout(timer)
  },
  defer: (call) => {
    setImmediate(call)
  },
  randomBytes: (length) => randomBytes(length),
}

/** The association over `layer`, and its channels. */
function openDataChannels(
  layer: Layer,
  trace: Trace | undefined,
  options: Omit<DataChannelsOptions, 'lower' | 'runtime'>,
): DataChannels {
  const traced = trace === undefined ? {} : { trace }
  return new DataChannels({ ...options, ...traced, lower: layer, runtime: nodeRuntime })
}
