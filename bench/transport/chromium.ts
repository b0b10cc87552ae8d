/** A data channel of headless Chromium, driven through playwright-core: the browser as a peer to interoperate with. */
import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'
import { makeStartAttempt, type TransportKind } from '../../transport/webrtc-attempt.ts'
import type { Attempt, Candidate } from '../../transport/contract.ts'

const EXECUTABLE = '/usr/bin/chromium'

/** Why the browser cannot be used here; false when it can. */
export const noChromium = existsSync(EXECUTABLE) ? false : `there is no ${EXECUTABLE}`

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: ['--no-sandbox', '--disable-features=WebRtcHideLocalIpsWithMdns'],
  })
}

/** One peer connection in a page of its own. */
export class ChromiumPeer {
  readonly #page: Page

  private constructor(page: Page) {
    this.#page = page
  }

  /** `onCandidate` is called for each candidate of the browser. */
  static async open(
    browser: Pick<Browser, 'newPage'>,
    onCandidate: (candidate: Candidate) => void,
  ): Promise<ChromiumPeer> {
    const page = await browser.newPage()
    // SHA-256 needs a secure context; a routed page needs no server.
    await page.route('https://peer.test/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<p>peer' }),
    )
    await page.goto('https://peer.test/')
    await page.exposeFunction('onCandidate', onCandidate)
    await page.addScriptTag({ content: pageScript })
    return new ChromiumPeer(page)
  }

  /** Opens a channel to `attempt`, whose candidates are expected in `candidates`, later ones by `addCandidate`. */
  async connect(attempt: Attempt, isOffering: boolean): Promise<Awaited<Attempt['opened']>> {
    if (isOffering) await this.accept(await attempt.answer(await this.offer()))
    else await attempt.accept(await this.answer(await attempt.offer()))
    const [open] = await Promise.all([attempt.opened, this.opened()])
    return open
  }

  offer(): Promise<string> {
    return this.#call('offer')
  }

  answer(offer: string): Promise<string> {
    return this.#call('answer', offer)
  }

  async accept(answer: string): Promise<void> {
    await this.#call('accept', answer)
  }

  /** Resolves once the channel is open. */
  async opened(): Promise<void> {
    await this.#call('opened')
  }

  /** Closes the page and its connection with it. */
  close(): Promise<void> {
    return this.#page.close()
  }

  addCandidate(candidate: Candidate): Promise<string> {
    return this.#call('addCandidate', candidate)
  }

  /** Sends and returns the SHA-256 of everything sent. */
  send(count: number, bytes: number): Promise<string> {
    return this.#call('sendAll', { count, bytes })
  }

  /** Sends `bytes` zeros in messages of `messageBytes`. */
  sendBytes(bytes: number, messageBytes: number): Promise<unknown> {
    return this.#call('sendBytes', { bytes, messageBytes })
  }

  /** Resolves with the milliseconds from the opening of the channel to the `bytes`-th byte. */
  async receiveBytes(bytes: number): Promise<number> {
    return Number(await this.#call('receiveBytes', bytes))
  }

  /** The SHA-256 of the next `count` messages. */
  receive(count: number): Promise<string> {
    return this.#call('receiveAll', count)
  }

  closeChannel(): Promise<string> {
    return this.#call('closeChannel')
  }

  /** Resolves once the channel is closed, from whichever side. */
  closed(): Promise<string> {
    return this.#call('closed')
  }

  #call(name: string, argument?: unknown): Promise<string> {
    return this.#page.evaluate(`peer.${name}(${JSON.stringify(argument)})`)
  }
}

/** Opens a channel between the browser and the data path `transport`. */
export async function connectChromium(
  browser: Pick<Browser, 'newPage'>,
  transport: TransportKind,
  isBrowserOffering: boolean,
) {
  const early: Candidate[] = []
  let deliver: (candidate: Candidate) => void = (candidate) => early.push(candidate)
  const attempt = makeStartAttempt({ transport })({
    iceServers: [],
    relayOnly: false,
    onCandidate: (candidate) => deliver(candidate),
  })
  const peer = await ChromiumPeer.open(browser, (candidate) => attempt.addCandidate(candidate))
  deliver = (candidate) => void peer.addCandidate(candidate)
  for (const candidate of early) deliver(candidate)
  const { channel } = await peer.connect(attempt, isBrowserOffering)
  return { channel, peer, close: () => attempt.close() }
}

const pageScript = `
const pc = new RTCPeerConnection({ iceServers: [] })
pc.onicecandidate = ({ candidate }) => candidate?.candidate && onCandidate(candidate.toJSON())
const received = []
let dc, openMs, wake = () => {}, early = []
const opening = Promise.withResolvers(), closing = Promise.withResolvers()
const take = (channel) => {
  dc = channel
  dc.binaryType = 'arraybuffer'
  dc.bufferedAmountLowThreshold = 1 << 20
  dc.onopen = () => { openMs = performance.now(); opening.resolve('open') }
  dc.onclose = () => closing.resolve('closed')
  dc.onmessage = ({ data }) => { received.push(data); wake() }
}
pc.ondatachannel = ({ channel }) => take(channel)
const digest = async (parts) => {
  const whole = await new Blob(parts).arrayBuffer()
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole)).toHex()
}
const describe = async (type, sdp) => {
  await pc.setRemoteDescription({ type, sdp })
  for (const candidate of early.splice(0)) await pc.addIceCandidate(candidate)
}
const peer = {
  async offer() {
    take(pc.createDataChannel('data'))
    await pc.setLocalDescription()
    return pc.localDescription.sdp
  },
  async answer(offer) {
    await describe('offer', offer)
    await pc.setLocalDescription()
    return pc.localDescription.sdp
  },
  accept: (answer) => describe('answer', answer),
  async addCandidate(candidate) {
    if (pc.remoteDescription) await pc.addIceCandidate(candidate)
    else early.push(candidate)
  },
  opened: () => opening.promise,
  closed: () => closing.promise,
  closeChannel: () => { dc.close() },
  async sendAll({ count, bytes }) {
    const parts = []
    for (let index = 0; index < count; index++) {
      const message = crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65536)))
      const whole = new Uint8Array(bytes)
      for (let at = 0; at < bytes; at += message.length) whole.set(message.subarray(0, bytes - at), at)
      parts.push(whole)
      dc.send(whole)
      if (dc.bufferedAmount > 4 << 20) await new Promise((resolve) => { dc.onbufferedamountlow = resolve })
    }
    return digest(parts)
  },
  async sendBytes({ bytes, messageBytes }) {
    const message = new Uint8Array(messageBytes)
    for (let left = bytes; left > 0; left -= messageBytes) {
      dc.send(message.subarray(0, left))
      if (dc.bufferedAmount > 4 << 20) await new Promise((resolve) => { dc.onbufferedamountlow = resolve })
    }
  },
  async receiveBytes(bytes) {
    for (let left = bytes; left > 0;) {
      if (received.length === 0) await new Promise((resolve) => { wake = resolve })
      for (const { byteLength } of received.splice(0)) left -= byteLength
    }
    return performance.now() - openMs
  },
  async receiveAll(count) {
    while (received.length < count) await new Promise((resolve) => { wake = resolve })
    return digest(received.splice(0, count))
  },
}
`
