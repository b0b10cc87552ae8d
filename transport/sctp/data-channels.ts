/** The WebRTC data channels of one association (RFC 8831): opened by DCEP, closed by stream resets. */
import { TransportError } from '../transport-error.ts'
import { Association } from './association.ts'
import type { AssociationOptions, AssociationState } from './association-options.ts'
import { decodeDcep, type DcepOpen, encodedAck, encodeOpen, Ppid } from './wire/dcep.ts'

/** Channels that a peer may have open at the same time; a file transfer needs one. */
const MAX_CHANNELS = 256
const LAST_STREAM = 65_534
/** Messages and resets kept for channels whose streams are not free yet: more than a peer sends within a round trip or two. */
const MAX_EARLY = 4_096
/** An empty message is sent as one byte of any value (RFC 8831 section 6.6). */
const EMPTY_MESSAGE_BYTE = Uint8Array.of(0)

export type DataChannelsOptions = Omit<AssociationOptions, 'events'> & {
  /** The DTLS client takes even streams, the server odd ones (RFC 8832 section 6). */
  readonly dtlsRole: 'client' | 'server'
  onState(state: AssociationState, reason: TransportError | undefined): void
  /** The peer has opened a channel; set its handlers before returning. */
  onChannel(channel: DataChannel): void
  /** The send queue that all channels share has room again. */
  onRoom(): void
}

/** `connecting` until the peer acknowledges the OPEN; messages may be sent before. */
export type DataChannelState = 'connecting' | 'open' | 'closing' | 'closed'

export class DataChannel {
  state: DataChannelState
  readonly id: number
  readonly label: string
  readonly protocol: string
  readonly isOrdered: boolean
  onState: (state: DataChannelState) => void = () => {}
  /** Call `consumed` with the payload's length (0 for an empty message) once it is processed. */
  onMessage: (payload: Uint8Array, isText: boolean) => void = (payload) => this.consumed(payload.length)
  readonly #association: Association
  // A channel is closed when both directions are reset.
  #isLocalReset = false
  #isRemoteReset = false

  constructor(association: Association, id: number, open: DcepOpen, state: DataChannelState) {
    this.#association = association
    this.id = id
    this.label = open.label
    this.protocol = open.protocol
    this.isOrdered = open.isOrdered
    this.state = state
  }

  /**
   * Accepts a message at once; `payload` must not change until it has been acknowledged.
   * @throws TransportError `interrupted` when the channel or its association is closing or closed.
   */
  send(payload: Uint8Array, isText = false): void {
    if (this.state !== 'open' && this.state !== 'connecting')
      throw new TransportError('interrupted', 'the channel is closed')
    const ppid = isText ? Ppid.text : Ppid.binary
    const emptyPpid = isText ? Ppid.emptyText : Ppid.emptyBinary
    // Until the OPEN is acknowledged no message may overtake it (RFC 8832 section 6).
    const isUnordered = !this.isOrdered && this.state === 'open'
    if (payload.length > 0) this.#association.send(this.id, ppid, payload, isUnordered)
    else this.#association.send(this.id, emptyPpid, EMPTY_MESSAGE_BYTE, isUnordered)
  }

  /** A message of `bytes` is processed: the receive window opens. An empty one came as one byte. */
  consumed(bytes: number): void {
    this.#association.consumed(Math.max(bytes, EMPTY_MESSAGE_BYTE.length))
  }

  /** Closes once everything sent is acknowledged. */
  close(): void {
    if (this.state === 'closing' || this.state === 'closed') return
    this.enter('closing')
    this.#association.resetStream(this.id)
  }

  /** For DataChannels. */
  receive(ppid: number, payload: Uint8Array): void {
    if (ppid === Ppid.emptyText || ppid === Ppid.emptyBinary)
      this.onMessage(payload.subarray(0, 0), ppid === Ppid.emptyText)
    else this.onMessage(payload, ppid === Ppid.text)
  }

  /** For DataChannels: no more messages can arrive for this channel. */
  get isFinished(): boolean {
    return this.#isRemoteReset
  }

  /** For DataChannels: one direction is reset. True when both are. */
  onSideReset(side: 'local' | 'remote'): boolean {
    if (side === 'local') this.#isLocalReset = true
    else this.#isRemoteReset = true
    if (side === 'remote') this.close()
    return this.#isLocalReset && this.#isRemoteReset
  }

  /** For DataChannels. */
  enter(state: DataChannelState): void {
    if (this.state === state || this.state === 'closed') return
    this.state = state
    this.onState(state)
  }
}

/** What has arrived for the next channel on a stream. */
type EarlyEvent = { readonly ppid: number; readonly payload: Uint8Array } | 'reset'

/** All channels of one association. */
export class DataChannels {
  readonly association: Association
  readonly #options: DataChannelsOptions
  readonly #channels = new Map<number, DataChannel>()
  /** What a peer sends on a stream that it has already reset while this side's reset is outstanding: it belongs to the next channel. */
  readonly #early = new Map<number, EarlyEvent[]>()
  #earlyCount = 0

  constructor(options: DataChannelsOptions) {
    this.#options = options
    this.association = new Association({
      ...options,
      events: {
        onState: (state, reason) => this.#onState(state, reason),
        onMessage: (streamId, ppid, payload) => this.#onMessage(streamId, ppid, payload),
        onRoom: () => options.onRoom(),
        onStreamsReset: (streamIds) => this.#onRemoteResets(streamIds),
        onResetDone: (streamIds) => streamIds.forEach((id) => this.#onLocalReset(id)),
      },
    })
  }

  /** Opens a channel, on the stream `id` if given, else on the first that is free. */
  open(
    label: string,
    settings: { readonly protocol?: string; readonly isOrdered?: boolean; readonly id?: number } = {},
  ): DataChannel {
    const id = settings.id ?? this.#freeId()
    if (this.#channels.has(id)) throw new TransportError('internal', `stream ${id} already carries a channel`)
    const open = { label, protocol: settings.protocol ?? '', isOrdered: settings.isOrdered ?? true }
    const channel = new DataChannel(this.association, id, open, 'connecting')
    this.#channels.set(id, channel)
    this.association.send(id, Ppid.control, encodeOpen(open))
    return channel
  }

  #freeId(): number {
    for (let id = this.#options.dtlsRole === 'client' ? 0 : 1; id <= LAST_STREAM; id += 2) {
      if (!this.#channels.has(id) && !this.association.isResetting(id)) return id
    }
    throw new TransportError('internal', 'no stream is free for another channel')
  }

  #onState(state: AssociationState, reason: TransportError | undefined): void {
    this.#options.onState(state, reason)
    if (state !== 'closed' && state !== 'failed') return
    const channels = [...this.#channels.values()]
    this.#channels.clear()
    this.#early.clear()
    this.#earlyCount = 0
    for (const channel of channels) channel.enter('closed')
  }

  #onMessage(streamId: number, ppid: number, payload: Uint8Array): void {
    const channel = this.#channels.get(streamId)
    if (this.association.isResetting(streamId) && channel?.isFinished !== false) {
      this.#keepEarly(streamId, { ppid, payload })
      return
    }
    if (ppid === Ppid.control) this.#onControl(streamId, channel, payload)
    else if (channel === undefined) this.association.consumed(payload.length)
    else channel.receive(ppid, payload)
  }

  #onControl(streamId: number, known: DataChannel | undefined, payload: Uint8Array): void {
    this.association.consumed(payload.length)
    const message = decodeDcep(payload)
    if (message === 'ack') {
      if (known?.state === 'connecting') known.enter('open')
      return
    }
    // While the association is closing nothing can be sent: the OPEN could not be answered.
    if (known !== undefined || !this.association.isWritable(streamId)) return
    if (message === undefined || this.#channels.size >= MAX_CHANNELS) {
      this.association.resetStream(streamId)
      return
    }
    const channel = new DataChannel(this.association, streamId, message, 'open')
    this.#channels.set(streamId, channel)
    this.association.send(streamId, Ppid.control, encodedAck)
    this.#options.onChannel(channel)
  }

  #keepEarly(streamId: number, event: EarlyEvent): void {
    const early = this.#early.get(streamId) ?? []
    this.#early.set(streamId, early)
    early.push(event)
    if (++this.#earlyCount > MAX_EARLY) this.association.abort()
  }

  /** A request that names no stream resets all of them (RFC 6525 section 4.1). */
  #onRemoteResets(streamIds: readonly number[]): void {
    for (const id of streamIds.length > 0 ? streamIds : [...this.#channels.keys()]) this.#onRemoteReset(id)
  }

  #onRemoteReset(streamId: number): void {
    if (this.#early.has(streamId)) this.#keepEarly(streamId, 'reset')
    else this.#onSideReset(streamId, 'remote')
  }

  #onLocalReset(streamId: number): void {
    this.#onSideReset(streamId, 'local')
    const early = this.#early.get(streamId) ?? []
    this.#early.delete(streamId)
    this.#earlyCount -= early.length
    for (const event of early) {
      if (event === 'reset') this.#onRemoteReset(streamId)
      else this.#onMessage(streamId, event.ppid, event.payload)
    }
  }

  #onSideReset(streamId: number, side: 'local' | 'remote'): void {
    const channel = this.#channels.get(streamId)
    if (channel === undefined || !channel.onSideReset(side)) return
    this.#channels.delete(streamId)
    channel.enter('closed')
  }
}
