/** Our data path over a finished DTLS session: records, association, path MTU, and the life of the one channel. */
import { randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { TransportError } from './transport-error.ts'
import { DtlsRecords, RECORD_OVERHEAD_BYTES } from './dtls/dtls-records.ts'
import { FastChannel, ROOM_BYTES, type FastCarrier } from './fast-channel.ts'
import { largestUncutDatagram } from './interface-mtu.ts'
import { PathMtu } from './path-mtu.ts'
import type { Layer } from './layer.ts'
import type { AssociationState } from './sctp/association-options.ts'
import type { AssociationStats } from './sctp/association-stats.ts'
import type { MakeCongestionController } from './sctp/congestion/congestion-controller.ts'
import { DataChannels, type DataChannel } from './sctp/data-channels.ts'
import type { Runtime } from './sctp/runtime.ts'
import type { DtlsSession } from './werift/dtls-session.ts'

/** RFC 8831 section 5: until the path is known, 1,200 bytes of IPv4 and 1,280 of IPv6; here less IP and UDP headers. */
const BASE_DATAGRAM_BYTES = { ipv4: 1_200 - 28, ipv6: 1_280 - 48 } as const

/** A TURN Send indication around a datagram (RFC 8656 section 11), the larger of the two ways. */
const RELAY_OVERHEAD_BYTES = 36

/** Bandwidth times delay of 1 Gbit/s at 50 ms, twice: a rate-based sender keeps that much in flight. */
const RECEIVE_WINDOW_BYTES = 16 * 1024 * 1024

/** The offering side opens the association; this much later the answering one does, should the peer expect it. */
const ANSWERING_CONNECT_MS = 700

/** What was sent before `close` gets this long to be acknowledged. */
const LINGER_MS = 1_000

/**
 * The most that a peer which is not ours gets in one record: libwebrtc reads a record into 2,048 bytes and takes a longer
 * one for the end of the connection (kMaxDtlsPacketLen, 2026-11). TLS alone would allow 16 KiB.
 */
const MAX_STRANGERS_RECORD_BYTES = 2_048

/** How often the path is looked at, and retransmission time-outs in a row that mean a black hole (RFC 8899 section 4.3). */
const WATCH_MS = 1_000
const BLACK_HOLE_TIMEOUTS = 2

export type FastOptions = {
  readonly isOffering: boolean
  readonly congestion: MakeCongestionController
  /** UDP payload of every packet, for measuring; without it the path's own size is searched. */
  readonly datagramBytes?: number | undefined
  readonly maxMessageBytes: number
  /** The channel is open. */
  readonly onOpen: (channel: FastChannel) => void
  /** It ended before a channel was open. */
  readonly onFailed: (error: TransportError) => void
  /** Closes the peer connection below. */
  readonly closePeer: () => void
}

const LABEL = 'voltdrop'

export class FastConnection implements FastCarrier {
  readonly remoteMaxMessageBytes: number
  readonly #session: DtlsSession
  readonly #options: FastOptions
  readonly #records: DtlsRecords
  readonly #channels: DataChannels
  readonly #baseBytes: number
  #channel: FastChannel | undefined
  #dataChannel: DataChannel | undefined
  #pathMtu: PathMtu | undefined
  #path: string
  #takePacket: (packet: Uint8Array) => void = () => {}
  #released = false
  #freed = false
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(session: DtlsSession, options: FastOptions) {
    this.#session = session
    this.#options = options
    this.#path = session.pathName()
    this.remoteMaxMessageBytes = session.remoteMaxMessageBytes
    this.#baseBytes =
      options.datagramBytes ?? BASE_DATAGRAM_BYTES[isIPv6(session.remoteHost()) ? 'ipv6' : 'ipv4']
    this.#records = new DtlsRecords(session.keys, () => session.nextRecordNumber(), {
      onData: (packet) => this.#takePacket(packet),
      onAlert: () => this.#channels.association.abort(),
      onFinished: (record) => session.repeatFlight(record),
    })
    this.#channels = new DataChannels({
      lower: this.#packets(),
      runtime,
      dtlsRole: session.isDtlsClient ? 'client' : 'server',
      remotePort: session.remoteSctpPort,
      maxPacketBytes: this.#baseBytes - RECORD_OVERHEAD_BYTES,
      maxMessageBytes: options.maxMessageBytes,
      receiveWindowBytes: RECEIVE_WINDOW_BYTES,
      congestion: options.congestion,
      roomBytes: ROOM_BYTES,
      onState: (state, reason) => this.#onState(state, reason),
      onChannel: (channel) => this.#take(channel),
      onRoom: () => this.#channel?.onRoom(),
    })
    session.read((datagram) => this.#records.open(datagram))
    if (options.isOffering) this.#take(this.#channels.open(LABEL))
    if (options.isOffering) this.#channels.association.connect()
    else this.#after(ANSWERING_CONNECT_MS, () => this.#channels.association.connect())
  }

  get bufferedBytes(): number {
    return this.#channels.association.bufferedBytes
  }

  get stats(): AssociationStats {
    return this.#channels.association.stats
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.#stopTimers()
    const { association } = this.#channels
    const channel = this.#dataChannel
    if (association.state !== 'open' || !channel || channel.state === 'closed') return this.#free()
    // A reset is confirmed only after everything sent on the stream has arrived (RFC 6525 section 5.1.2).
    channel.onState = (state) => {
      if (state === 'closed') this.#free()
    }
    this.#after(LINGER_MS, () => this.#free())
    channel.close()
  }

  #free(): void {
    if (this.#freed) return
    this.#freed = true
    this.#released = true
    this.#stopTimers()
    this.#channels.association.abort()
    this.#session.send(this.#records.sealClose())
    // The alert leaves in this turn of the event loop, the socket closes in the next.
    setImmediate(() => this.#options.closePeer())
  }

  #stopTimers(): void {
    this.#pathMtu?.stop()
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  /** The first channel is the one; further ones of the peer are closed. */
  #take(dataChannel: DataChannel): void {
    if (this.#dataChannel) return dataChannel.close()
    this.#dataChannel = dataChannel
    const channel = new FastChannel(dataChannel, this)
    this.#channel = channel
    const onState = () => {
      if (dataChannel.state === 'open') this.#options.onOpen(channel)
      else if (dataChannel.state === 'closing' || dataChannel.state === 'closed') this.#end(undefined)
    }
    dataChannel.onState = onState
    if (dataChannel.state === 'open') onState()
  }

  #onState(state: AssociationState, reason: TransportError | undefined): void {
    if (state === 'open') this.#onOpen().catch(() => {})
    else if (state === 'closed') this.#end(undefined)
    else if (state === 'failed') this.#end(reason ?? new TransportError('interrupted'))
  }

  /** The other side has closed, or is lost. The owner still calls `release`. */
  #end(error: TransportError | undefined): void {
    this.#options.onFailed(error ?? new TransportError('no_path', 'the other side closed the connection'))
    this.#channel?.end(error)
    if (!this.#channel) this.release()
    else if (!this.#released) this.#stopTimers()
  }

  async #onOpen(): Promise<void> {
    if (this.#options.datagramBytes !== undefined) return
    const { remoteMaxDatagramBytes } = this.#session
    const isOurs = remoteMaxDatagramBytes !== undefined
    const peerBytes = isOurs ? remoteMaxDatagramBytes : MAX_STRANGERS_RECORD_BYTES + RECORD_OVERHEAD_BYTES
    const interfaceBytes = await largestUncutDatagram(this.#session.remoteHost())
    const uncut = this.#session.isRelayed() ? interfaceBytes - RELAY_OVERHEAD_BYTES : interfaceBytes
    const { association } = this.#channels
    this.#pathMtu = new PathMtu({
      baseBytes: this.#baseBytes,
      maxBytes: Math.min(uncut, peerBytes),
      // Stock werift throws on the PAD chunk behind a HEARTBEAT, which it would have to pass over.
      probe: (bytes, onResult) =>
        association.probePath(bytes - RECORD_OVERHEAD_BYTES, isOurs ? 'padding' : 'data', onResult),
      apply: (bytes) => association.setMaxPacketBytes(bytes - RECORD_OVERHEAD_BYTES),
      setTimer: (delayMs, call) => this.#after(delayMs, call),
    })
    if (this.#released || association.state !== 'open') return
    this.#pathMtu.start()
    this.#watch(0, 0)
  }

  /** Time-outs without a byte delivered between them: large packets vanish. A new pair: everything is measured anew. */
  #watch(timeouts: number, deliveredBytes: number): void {
    this.#after(WATCH_MS, () => {
      const { stats } = this
      const moved = stats.deliveredBytes > deliveredBytes
      if (!moved && stats.timeouts - timeouts >= BLACK_HOLE_TIMEOUTS) this.#pathMtu?.fallBack()
      if (this.#path !== this.#session.pathName()) {
        this.#path = this.#session.pathName()
        this.#channels.association.restartPath()
        this.#pathMtu?.pathChanged()
      }
      this.#watch(moved ? stats.timeouts : timeouts, stats.deliveredBytes)
    })
  }

  /** SCTP packets in DTLS records. The connection itself watches and closes the session. */
  #packets(): Layer {
    return {
      send: (packet) => this.#session.send(this.#records.seal(packet)),
      onPacket: (take) => {
        this.#takePacket = take
      },
      onClosed: () => {},
      close: () => {},
    }
  }

  #after(delayMs: number, call: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      call()
    }, delayMs)
    this.#timers.add(timer)
    return () => {
      clearTimeout(timer)
      this.#timers.delete(timer)
    }
  }
}

const runtime: Runtime = {
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
