/** An Attempt of libwebrtc, the stack of Chromium, through @roamhq/wrtc. */
import { createRequire } from 'node:module'
import { setTimeout } from 'node:timers/promises'
import type {
  Attempt,
  Candidate,
  Channel,
  ChannelReceiver,
  StartAttempt,
} from '../../../transport/contract.ts'

/** The members of the W3C interfaces that are used. */
type DataChannel = {
  binaryType: string
  readonly bufferedAmount: number
  readonly readyState: string
  onopen: (() => void) | null
  onclose: (() => void) | null
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null
  send(message: Uint8Array): void
  close(): void
}
type Description = { type: 'offer' | 'answer'; sdp: string }
type Connection = {
  onicecandidate: ((event: { candidate: Candidate | null }) => void) | null
  ondatachannel: ((event: { channel: DataChannel }) => void) | null
  createDataChannel(label: string): DataChannel
  createOffer(): Promise<Description>
  createAnswer(): Promise<Description>
  setLocalDescription(description: Description): Promise<void>
  setRemoteDescription(description: Description): Promise<void>
  addIceCandidate(candidate: Candidate): Promise<void>
  close(): void
}
type Library = { RTCPeerConnection: new (settings: { iceServers: [] }) => Connection }

const MAX_BUFFERED_BYTES = 4 * 1024 * 1024

const loaded = load()

function load(): Library | string {
  try {
    return createRequire(import.meta.url)('@roamhq/wrtc') as Library
  } catch (error) {
    return `@roamhq/wrtc does not load here: ${String(error)}`
  }
}

/** Why it cannot be used here; false when it can. */
export const noWrtc = typeof loaded === 'string' ? loaded : false

/** Starts attempts of libwebrtc; host candidates only. */
export const startWrtc: StartAttempt = ({ onCandidate }) => {
  if (typeof loaded === 'string') throw new Error(loaded)
  return new WrtcAttempt(new loaded.RTCPeerConnection({ iceServers: [] }), onCandidate)
}

class WrtcAttempt implements Attempt {
  readonly opened: Attempt['opened']
  readonly #peer: Connection
  readonly #resolve: (open: Awaited<Attempt['opened']>) => void
  #early: Candidate[] | undefined = []

  constructor(peer: Connection, onCandidate: (candidate: Candidate) => void) {
    const { promise, resolve } = Promise.withResolvers<Awaited<Attempt['opened']>>()
    this.opened = promise
    this.#resolve = resolve
    this.#peer = peer
    peer.onicecandidate = ({ candidate }) => {
      if (!candidate?.candidate) return
      onCandidate({ candidate: candidate.candidate, sdpMid: candidate.sdpMid, sdpMLineIndex: 0 })
    }
    peer.ondatachannel = ({ channel }) => this.#take(channel)
  }

  async offer(): Promise<string> {
    this.#take(this.#peer.createDataChannel('data'))
    const offer = await this.#peer.createOffer()
    await this.#peer.setLocalDescription(offer)
    return offer.sdp
  }

  async answer(sdp: string): Promise<string> {
    await this.#describe({ type: 'offer', sdp })
    const answer = await this.#peer.createAnswer()
    await this.#peer.setLocalDescription(answer)
    return answer.sdp
  }

  accept(sdp: string): Promise<void> {
    return this.#describe({ type: 'answer', sdp })
  }

  addCandidate(candidate: Candidate): void {
    if (this.#early) this.#early.push(candidate)
    else void this.#peer.addIceCandidate(candidate)
  }

  close(): void {
    this.#peer.close()
  }

  async #describe(description: Description): Promise<void> {
    await this.#peer.setRemoteDescription(description)
    const early = this.#early ?? []
    this.#early = undefined
    for (const candidate of early) this.addCandidate(candidate)
  }

  #take(channel: DataChannel): void {
    const adapted = asChannel(channel)
    const open = () =>
      this.#resolve({
        channel: adapted,
        path: () => ({ kind: 'direct', protocol: 'udp', roundTripMs: undefined }),
      })
    if (channel.readyState === 'open') open()
    else channel.onopen = open
  }
}

/** Without flow control on receiving: libwebrtc hands over everything at once. */
function asChannel(channel: DataChannel): Channel {
  // An event without a handler is lost, so what comes before `receive` is kept here.
  const early: Uint8Array[] = []
  let receiver: ChannelReceiver | undefined
  let isClosed = false
  channel.binaryType = 'arraybuffer'
  channel.onmessage = ({ data }) => {
    const message = typeof data === 'string' ? Buffer.from(data) : new Uint8Array(data)
    if (receiver) receiver.onMessage(message)
    else early.push(message)
  }
  channel.onclose = () => {
    isClosed = true
    receiver?.onEnd(undefined)
  }
  return {
    async send(message) {
      channel.send(message)
      // bufferedamountlow does not always fire when much is queued.
      while (channel.bufferedAmount >= MAX_BUFFERED_BYTES) await setTimeout(1)
    },
    receive(theirs) {
      for (const message of early) theirs.onMessage(message)
      receiver = theirs
      if (isClosed) theirs.onEnd(undefined)
    },
    consumed() {},
    close: () => channel.close(),
  }
}
