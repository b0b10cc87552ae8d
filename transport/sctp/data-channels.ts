/** WebRTC data channels over one association (RFC 8831): opening by DCEP, messages with empty ones, closing by stream resets. */
import { TransportError } from '../transport-error.ts'
import { Association } from './association.ts'
import { decodeDcep, type DcepOpen, encodedAck, encodeOpen, Ppid } from './wire/dcep.ts'
import type { AssociationOptions, AssociationState } from './association-options.ts'

/** Channels that a peer may have open at once: the product needs one. */
const MAX_CHANNELS = 256
const LAST_STREAM = 65_534
/** Messages and resets kept for channels whose streams are not free yet: what a peer sends within a round trip or two. */
const MAX_EARLY = 4_096
const ONE_BYTE = Uint8Array.of(0)

export type DataChannelsOptions = Omit<AssociationOptions, 'events'> & {
  /** The DTLS client takes even streams, the server odd ones (RFC 8832 section 6). */
  readonly dtlsRole: 'client' | 'server'
  onState(state: AssociationState, reason: TransportError | undefined): void
  /** The peer has opened a channel; set its handlers before returning. */
  onChannel(channel: DataChannel): void
  /** There is room again in the send queue that all channels share. */
  onRoom(): void
}

/** `connecting` until the peer acknowledges; messages may be sent before. */
export type DataChannelState = 'connecting' | 'open' | 'closing' | 'closed'

export class DataChannel {
  state: DataChannelState
  readonly id: number
  readonly label: string
  readonly protocol: string
  readonly isOrdered: boolean
  onState: (state: DataChannelState) => void = () => {}
  /** Call `consumed` with the payload's length, 0 too, once it is dealt with. */
  onMessage: (payload: Uint8Array, isText: boolean) => void = (payload) => this.consumed(payload.length)
  readonly #association: Association
  // A channel is closed when both directions are reset.
  #isOurSideReset = false
  #isTheirSideReset = false

  constructor(association: Association, id: number, open: DcepOpen, state: DataChannelState) {
    this.#association = association
    this.id = id
    this.label = open.label
    this.protocol = open.protocol
    this.isOrdered = open.isOrdered
    this.state = state
  }

  /**
   * Accepts a message at once; `payload` must not change until it has left.
   * @throws TransportError `interrupted` when the channel or its association is closing or closed.
   */
  send(payload: Uint8Array, isText = false): void {
    if (this.state !== 'open' && this.state !== 'connecting')
      throw new TransportError('interrupted', 'the channel is closed')
    const ppid = isText ? Ppid.text : Ppid.binary
    const emptyPpid = isText ? Ppid.emptyText : Ppid.emptyBinary
    // Before the acknowledgement nothing may overtake the OPEN (RFC 8832 section 6).
    const isUnordered = !this.isOrdered && this.state === 'open'
    if (payload.length > 0) this.#association.send(this.id, ppid, payload, isUnordered)
    else this.#association.send(this.id, emptyPpid, ONE_BYTE, isUnordered)
  }

  /** A message of `bytes` is dealt with: the receive window opens. An empty one came in one byte. */
  consumed(bytes: number): void {
    this.#association.consumed(Math.max(bytes, ONE_BYTE.length))
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

  /** For DataChannels: nothing more can come that was meant for this channel. */
  get isFinished(): boolean {
    return this.#isTheirSideReset
  }

  /** For DataChannels: true when both directions are reset. */
  onSideReset(side: 'ours' | 'theirs'): boolean {
    if (side === 'ours') this.#isOurSideReset = true
    else this.#isTheirSideReset = true
    if (side === 'theirs') this.close()
    return this.#isOurSideReset && this.#isTheirSideReset
  }

  /** For DataChannels. */
  enter(state: DataChannelState): void {
    if (this.state === state || this.state === 'closed') return
    this.state = state
    this.onState(state)
  }
}

/** A message, or the end of what came before, in the order of arrival. */
type Early = { readonly ppid: number; readonly payload: Uint8Array } | 'reset'

/** All channels of one association. */
export class DataChannels {
  readonly association: Association
  readonly #options: DataChannelsOptions
  readonly #channels = new Map<number, DataChannel>()
  /** What a peer sends on a stream that it has reset already while our own reset is under way: it belongs to the next channel. */
  readonly #early = new Map<number, Early[]>()
  #earlyCount = 0

  constructor(options: DataChannelsOptions) {
    this.#options = options
    this.association = new Association({
      ...options,
      events: {
        onState: (state, reason) => this.#onState(state, reason),
        onMessage: (streamId, ppid, payload) => this.#onMessage(streamId, ppid, payload),
        onRoom: () => options.onRoom(),
        onStreamsReset: (streamIds) => this.#onTheirResets(streamIds),
        onResetDone: (streamIds) => streamIds.forEach((id) => this.#onOurReset(id)),
      },
    })
  }

  /** Opens a channel; `id` overrides the choice of stream. */
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
    // A stream that cannot answer, because the association is closing, takes no channel.
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

  #keepEarly(streamId: number, event: Early): void {
    const early = this.#early.get(streamId) ?? []
    this.#early.set(streamId, early)
    early.push(event)
    if (++this.#earlyCount > MAX_EARLY) this.association.abort()
  }

  /** A request that names no stream means all of them (RFC 6525 section 4.1). */
  #onTheirResets(streamIds: readonly number[]): void {
    for (const id of streamIds.length > 0 ? streamIds : [...this.#channels.keys()]) this.#onTheirReset(id)
  }

  #onTheirReset(streamId: number): void {
    if (this.#early.has(streamId)) this.#keepEarly(streamId, 'reset')
    else this.#onSideReset(streamId, 'theirs')
  }

  #onOurReset(streamId: number): void {
    this.#onSideReset(streamId, 'ours')
    const early = this.#early.get(streamId) ?? []
    this.#early.delete(streamId)
    this.#earlyCount -= early.length
    for (const event of early) {
      if (event === 'reset') this.#onTheirReset(streamId)
      else this.#onMessage(streamId, event.ppid, event.payload)
    }
  }

  #onSideReset(streamId: number, side: 'ours' | 'theirs'): void {
    const channel = this.#channels.get(streamId)
    if (channel === undefined || !channel.onSideReset(side)) return
    this.#channels.delete(streamId)
    channel.enter('closed')
  }
}
