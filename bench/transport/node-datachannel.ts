/** An Attempt of another WebRTC stack, libdatachannel through node-datachannel: a peer to interoperate with and compare to. */
import { cleanup, PeerConnection, type DataChannel } from 'node-datachannel'
import type { Attempt, Candidate, Channel, StartAttempt } from '../../transport/contract.ts'

const MAX_BUFFERED_BYTES = 4 * 1024 * 1024

/** Starts attempts of node-datachannel; host candidates only. */
export const startNodeDatachannel: StartAttempt = ({ onCandidate }) => new NodeDatachannelAttempt(onCandidate)

/** Ends libdatachannel's threads, which otherwise keep the process alive. Call it once, when all its peers are closed. */
export function endNodeDatachannel() {
  return cleanup()
}

class NodeDatachannelAttempt implements Attempt {
  readonly opened: Attempt['opened']
  readonly #peer = new PeerConnection('peer', {
    iceServers: [],
    disableAutoNegotiation: true,
    maxMessageSize: 262_144,
  })
  readonly #resolve: (open: Awaited<Attempt['opened']>) => void
  readonly #descriptions = Promise.withResolvers<string>()
  readonly #early: Candidate[] = []
  #described = false

  constructor(onCandidate: (candidate: Candidate) => void) {
    const { promise, resolve } = Promise.withResolvers<Awaited<Attempt['opened']>>()
    this.opened = promise
    this.#resolve = resolve
    this.#peer.onLocalDescription((sdp) => this.#descriptions.resolve(sdp))
    this.#peer.onLocalCandidate((candidate, sdpMid) => onCandidate({ candidate, sdpMid, sdpMLineIndex: 0 }))
    this.#peer.onDataChannel((channel) => this.#take(channel))
  }

  async offer(): Promise<string> {
    this.#take(this.#peer.createDataChannel('data'))
    this.#peer.setLocalDescription('offer')
    return this.#descriptions.promise
  }

  async answer(offer: string): Promise<string> {
    this.#setRemote(offer, 'offer')
    this.#peer.setLocalDescription('answer')
    return this.#descriptions.promise
  }

  async accept(answer: string): Promise<void> {
    this.#setRemote(answer, 'answer')
  }

  addCandidate(candidate: Candidate): void {
    if (!this.#described) {
      this.#early.push(candidate)
      return
    }
    try {
      this.#peer.addRemoteCandidate(candidate.candidate, candidate.sdpMid)
    } catch {
      // A peer that has closed meanwhile takes no more.
    }
  }

  close(): void {
    this.#peer.close()
  }

  #setRemote(sdp: string, type: 'offer' | 'answer'): void {
    this.#peer.setRemoteDescription(sdp, type)
    this.#described = true
    for (const candidate of this.#early) this.addCandidate(candidate)
  }

  #take(channel: DataChannel): void {
    const open = () =>
      this.#resolve({
        channel: asChannel(channel),
        path: () => ({ kind: 'direct', protocol: 'udp', roundTripMs: undefined }),
      })
    if (channel.isOpen()) open()
    else channel.onOpen(open)
  }
}

/** Without flow control on receiving. libdatachannel keeps what arrives, and the end, until the callbacks are set. */
function asChannel(channel: DataChannel): Channel {
  let low: (() => void) | undefined
  channel.setBufferedAmountLowThreshold(MAX_BUFFERED_BYTES / 2)
  channel.onBufferedAmountLow(() => low?.())
  return {
    async send(message) {
      channel.sendMessageBinary(message)
      if (channel.bufferedAmount() < MAX_BUFFERED_BYTES) return
      await new Promise<void>((resolve) => {
        low = resolve
      })
    },
    receive({ onMessage, onEnd }) {
      channel.onMessage((message) =>
        onMessage(typeof message === 'string' ? Buffer.from(message) : new Uint8Array(message)),
      )
      channel.onClosed(() => onEnd(undefined))
    },
    consumed() {},
    close: () => channel.close(),
  }
}
