/** Stands before a TURN server on the loopback, passes every datagram on, and notes which peer addresses clients name to it. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from 'node:test'

const COOKIE = 0x2112a442
/** RFC 8656 section 18.3. */
const XOR_PEER_ADDRESS = 0x0012

export type TurnTap = {
  readonly url: string
  /** IPv4 addresses without ports, in the order in which they were first named. */
  readonly named: ReadonlySet<string>
  /** Resolves once `address` has been named. */
  waitFor(address: string): Promise<void>
}

export async function tapTurn(t: Pick<TestContext, 'after'>, serverUrl: string): Promise<TurnTap> {
  const serverPort = Number(serverUrl.split(':')[2])
  const named = new Set<string>()
  const waiting = new Map<string, () => void>()
  const upstream = new Map<number, Socket>()
  const front = createSocket('udp4', (datagram, { port }) => {
    for (const address of peersIn(datagram)) {
      named.add(address)
      waiting.get(address)?.()
    }
    const known =
      upstream.get(port) ?? createSocket('udp4', (answer) => front.send(answer, port, '127.0.0.1'))
    upstream.set(port, known)
    known.send(datagram, serverPort, '127.0.0.1')
  })
  t.after(() => [front, ...upstream.values()].forEach((socket) => socket.close()))
  front.bind(0, '127.0.0.1')
  await once(front, 'listening')
  return {
    url: `turn:127.0.0.1:${front.address().port}`,
    named,
    async waitFor(address) {
      if (!named.has(address)) await new Promise<void>((resolve) => waiting.set(address, resolve))
    },
  }
}

function peersIn(datagram: Buffer): string[] {
  const found: string[] = []
  if (datagram.length < 20 || datagram.readUInt32BE(4) !== COOKIE) return found
  for (let at = 20; at + 4 <= datagram.length;) {
    const [type, length] = [datagram.readUInt16BE(at), datagram.readUInt16BE(at + 2)]
    if (type === XOR_PEER_ADDRESS && length === 8) found.push(unmasked(datagram.readUInt32BE(at + 8)))
    at += 4 + Math.ceil(length / 4) * 4
  }
  return found
}

function unmasked(value: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE((value ^ COOKIE) >>> 0)
  return bytes.join('.')
}
