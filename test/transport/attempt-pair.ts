/** Two attempts in one process that exchange descriptions and candidates directly, and test data to send between them. */
import { createHash } from 'node:crypto'
import { Socket } from 'node:dgram'
import type { TestContext } from 'node:test'
import type { Attempt, Candidate, Channel, StartAttempt } from '../../transport/contract.ts'

export type Side = Awaited<Attempt['opened']>

export type Pair = { readonly offering: Side; readonly answering: Side; readonly close: () => void }
type Attempts = { readonly a: Attempt; readonly b: Attempt }

/** Opens a channel from `startOffering` to `startAnswering`, closed at the end of the test. */
export async function openPair(
  t: TestContext,
  startOffering: StartAttempt,
  startAnswering: StartAttempt,
): Promise<Pair> {
  return connectPair(startPair(t, startOffering, startAnswering))
}

/** Two attempts whose candidates reach each other, closed at the end of the test. */
export function startPair(
  t: TestContext,
  startOffering: StartAttempt,
  startAnswering: StartAttempt,
): Attempts {
  const attempts = startAttempts(startOffering, startAnswering)
  t.after(() => {
    attempts.a.close()
    attempts.b.close()
  })
  return attempts
}

/** `a` offers, `b` answers. */
export async function connectPair({ a, b }: Attempts): Promise<Pair> {
  const place = { onThisHost: true }
  await a.accept(await b.answer(await a.offer(), place), place)
  const [offering, answering] = await Promise.all([a.opened, b.opened])
  function close() {
    a.close()
    b.close()
  }
  return { offering, answering, close }
}

/** Two attempts whose candidates reach each other. */
export function startAttempts(startOffering: StartAttempt, startAnswering: StartAttempt): Attempts {
  const other: Partial<Attempts> = {}
  const early: { to: 'a' | 'b'; candidate: Candidate }[] = []
  function deliver(to: 'a' | 'b', candidate: Candidate) {
    if (other[to]) other[to].addCandidate(candidate)
    else early.push({ to, candidate })
  }
  const plain = { iceServers: [], relayOnly: false }
  const a = startOffering({ ...plain, onCandidate: (candidate) => deliver('b', candidate) })
  const b = startAnswering({ ...plain, onCandidate: (candidate) => deliver('a', candidate) })
  Object.assign(other, { a, b })
  for (const { to, candidate } of early) other[to]?.addCandidate(candidate)
  return { a, b }
}

/** `bytes` pseudorandom bytes that depend only on `seed`. */
export function pattern(bytes: number, seed: number): Uint8Array {
  const block = createHash('shake256', { outputLength: Math.min(bytes, 65_521) })
    .update(String(seed))
    .digest()
  const out = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; at += block.length) block.copy(out, at)
  return out
}

/** Sends `messages` of `bytes` each and returns the SHA-256 of all of them. */
export async function sendAll(
  channel: Pick<Channel, 'send'>,
  messages: number,
  bytes: number,
): Promise<string> {
  const hash = createHash('sha256')
  for (let index = 0; index < messages; index++) {
    const message = pattern(bytes, index)
    hash.update(message)
    await channel.send(message)
  }
  return hash.digest('hex')
}

/** Reads `count` messages and returns the SHA-256 of all of them; an iterator can be read further. */
export async function receiveAll(
  messages: AsyncIterable<Uint8Array> | AsyncIterator<Uint8Array>,
  count: number,
): Promise<string> {
  const iterator = 'next' in messages ? messages : messages[Symbol.asyncIterator]()
  const hash = createHash('sha256')
  for (let left = count; left > 0; left--) {
    const { done, value } = await iterator.next()
    if (done) return `ended ${left} messages early`
    hash.update(value)
  }
  return hash.digest('hex')
}

/**
 * Calls `watch` with each datagram that sockets send which are bound from now on, until the end of the test. What earlier tests of
 * this process have left may still send, and is not watched.
 */
export function watchSends(
  t: TestContext,
  watch: (socket: Socket, datagram: unknown, port: unknown) => void,
): void {
  const bound = new WeakSet<Socket>()
  const bind: unknown = Reflect.get(Socket.prototype, 'bind')
  const send: unknown = Reflect.get(Socket.prototype, 'send')
  t.mock.method(Socket.prototype, 'bind', function (this: Socket, ...args: unknown[]): unknown {
    bound.add(this)
    return Reflect.apply(bind as () => unknown, this, args)
  })
  t.mock.method(Socket.prototype, 'send', function (this: Socket, ...args: unknown[]): unknown {
    if (bound.has(this)) watch(this, args[0], args[1])
    return Reflect.apply(send as () => unknown, this, args)
  })
}

/** Returns a reader of the largest datagram that sockets of this test have sent since the call, in bytes. */
export function watchDatagrams(t: TestContext): () => number {
  let largest = 0
  watchSends(t, (_socket, datagram) => {
    if (Buffer.isBuffer(datagram)) largest = Math.max(largest, datagram.length)
  })
  return () => largest
}
