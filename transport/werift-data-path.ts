/** The data path of werift itself, its SCTP and data channel, kept as the reference to compare with and as a fallback. */
import { asBuffer } from './as-buffer.ts'
import { TransportError } from './transport-error.ts'
import { CLOSE_LINGER_MS, RESUME_BYTES, WebRtcChannel } from './webrtc-channel.ts'
import type { IcePath } from './werift/ice-path.ts'
import type { WeriftDataChannel } from './werift/internals.ts'
import type { WeriftPeer } from './werift/peer.ts'

/** How often is checked whether everything is acknowledged. */
const LINGER_STEP_MS = 10

export type WeriftDataPathEvents = {
  readonly onOpen: (channel: WebRtcChannel) => void
  /** It has ended; of interest when that was before `onOpen`. */
  readonly onFailed: (error: TransportError) => void
}

export class WeriftDataPath {
  readonly #dataChannel: WeriftDataChannel
  readonly #peer: WeriftPeer
  readonly #channel: WebRtcChannel
  #isReleased = false

  constructor(
    dataChannel: WeriftDataChannel,
    ice: IcePath,
    peer: WeriftPeer,
    { onOpen, onFailed }: WeriftDataPathEvents,
  ) {
    this.#dataChannel = dataChannel
    this.#peer = peer
    const channel = new WebRtcChannel({
      send: (message) => this.#send(message),
      bufferedBytes: () => dataChannel.bufferedAmount,
      consumed: () => {},
      release: (failure) => this.#release(failure),
    })
    this.#channel = channel
    dataChannel.bufferedAmountLowThreshold = RESUME_BYTES
    dataChannel.bufferedAmountLow.subscribe(() => channel.onRoom())
    dataChannel.onMessage.subscribe((message) => {
      const isText = typeof message === 'string'
      channel.onMessage(isText ? Buffer.from(message) : message, isText)
    })
    dataChannel.stateChanged.subscribe((state) => {
      if (state === 'open') onOpen(channel)
      if (state !== 'closed') return
      onFailed(new TransportError('no_path', 'the channel closed before it was open'))
      channel.end()
    })
    ice.onClosed((reason) => {
      onFailed(reason)
      channel.fail(new TransportError('interrupted', reason.detail, { cause: reason }))
    })
    if (dataChannel.readyState === 'open') onOpen(channel)
  }

  /** Ends reading at once; what was sent gets up to a second to be acknowledged before the connection closes. */
  close(): void {
    this.#channel.close()
  }

  #send(message: Uint8Array): void {
    // werift 0.25.2 never sends anything on a stream again after an empty message.
    if (message.length === 0) throw new TransportError('internal', 'an empty message cannot be sent')
    this.#dataChannel.send(asBuffer(message))
  }

  #release(failure: TransportError | undefined): void {
    if (failure) return this.#peer.close()
    if (this.#isReleased) return
    this.#isReleased = true
    let steps = CLOSE_LINGER_MS / LINGER_STEP_MS
    const drain = setInterval(() => {
      if (steps-- > 0 && this.#peer.hasUnacknowledged()) return
      clearInterval(drain)
      this.#peer.close()
    }, LINGER_STEP_MS)
  }
}
