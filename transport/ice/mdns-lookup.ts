/**
 * Finds the hosts behind names that browsers offer in place of addresses, by multicast DNS (RFC 6762). In place of werift's, whose
 * parser takes quadratic time for what anybody on the network may send, and which ends the process when port 5353 is taken.
 */
import { createSocket, type Socket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { interfaceAddresses } from '../path/interface-table.ts'
import { mdnsAddress, mdnsQuestion } from './mdns-answer.ts'

const GROUP = '224.0.0.251'
const MDNS_PORT = 5_353

/** When a question is asked, in ms (RFC 6762 section 5.2), and when it is given up. */
const ASKED_AT_MS = [0, 1_000, 3_000]
const GIVEN_UP_AFTER_MS = 10_000

/** Names asked for at a time: browsers have one for each interface. */
const MAX_NAMES = 16

type Question = { readonly name: string; readonly settle: (address: string | undefined) => void }

export class MdnsLookup {
  readonly #questions = new Set<Question>()
  #socket: Socket | undefined
  #isClosed = false

  /** The IPv4 address of `name`. Rejects after 10 s, or at once when too many are asked for or there is no multicast here. */
  async lookup(name: string): Promise<string> {
    if (this.#isClosed) throw new Error('the look-up is closed')
    if (this.#questions.size >= MAX_NAMES) throw new Error('too many names')
    const socket = (this.#socket ??= this.#open())
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    const question = { name, settle: resolve }
    this.#questions.add(question)
    const timers = ASKED_AT_MS.map((ms) => setTimeout(() => ask(socket, name), ms))
    timers.push(setTimeout(() => resolve(undefined), GIVEN_UP_AFTER_MS))
    const address = await promise
    for (const timer of timers) clearTimeout(timer)
    this.#questions.delete(question)
    if (address === undefined) throw new Error('no host answers to this name')
    return address
  }

  /** For good: what asks later is refused, so that no socket is left behind. */
  close(): void {
    this.#isClosed = true
    this.#giveUp()
  }

  #giveUp(): void {
    const socket = this.#socket
    this.#socket = undefined
    for (const { settle } of this.#questions) settle(undefined)
    socket?.close()
  }

  #open(): Socket {
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    socket.on('error', () => {
      if (this.#socket === socket) this.#giveUp()
    })
    socket.on('message', (message, { port }) => {
      // RFC 6762 section 11: true answers come from this port.
      if (port !== MDNS_PORT) return
      for (const { name, settle } of this.#questions) {
        const address = mdnsAddress(message, name)
        if (address !== undefined) settle(address)
      }
    })
    socket.bind(MDNS_PORT, () => joinEverywhere(socket))
    return socket
  }
}

function ask(socket: Socket, name: string): void {
  // What cannot be sent is asked again.
  socket.send(mdnsQuestion(name), MDNS_PORT, GROUP, () => {})
}

/** Interfaces without multicast are left out. */
function joinEverywhere(socket: Socket): void {
  const own = interfaceAddresses().map(({ address }) => address)
  for (const address of [undefined, ...own.filter(isIPv4)]) {
    try {
      socket.addMembership(GROUP, address)
    } catch {}
  }
}
