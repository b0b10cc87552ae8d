/**
 * Which records of a handshake reach werift 0.25.2, which believes everything: unprotected alerts, a Finished without keys, messages
 * out of order or twice, a hello in the middle. Nothing before the Finished is authenticated, so a forged message can still spoil a
 * handshake; the true one then contradicts it, and the handshake is begun again.
 */
import { createHmac, randomBytes, randomInt } from 'node:crypto'
import {
  CERTIFICATE,
  CERTIFICATE_REQUEST,
  CERTIFICATE_VERIFY,
  CLIENT_HELLO,
  CLIENT_KEY_EXCHANGE,
  fragmentsIn,
  HELLO_VERIFY_REQUEST,
  handshakeRecords,
  helloVerifyRequest,
  readClientHello,
  recordOf,
  SERVER_HELLO,
  SERVER_HELLO_DONE,
  SERVER_KEY_EXCHANGE,
  type Fragment,
  type HandshakeMessage,
  type HandshakeRecord,
} from './handshake-bytes.ts'
import { MessageOrder } from './message-order.ts'

export type HandshakeEnd = {
  /** Hands a record to the handshake under way. */
  readonly deliver: (record: Buffer) => void
  /** The handshake under way can no longer succeed. */
  readonly onBroken: () => void
}

export type ServerEnd = HandshakeEnd & {
  /** Sends a record. */
  readonly send: (record: Buffer) => void
  /** Begins a handshake with the hello of a client that has shown `cookie`; the first of the two records has none. */
  readonly begin: (cookie: Buffer, hellos: readonly [Buffer, Buffer]) => void
}

/** Answers to repeated messages, which cost more than these, in one handshake. */
const MAX_ANSWERED_REPEATS = 16

/** A client that begins again waits in between, so that within an attempt it does not come to so many. */
const MAX_HANDSHAKES = 128

/** A record with a Finished has 61 bytes. */
const MAX_FINISHED_RECORD_BYTES = 256

/** Record numbers of one handshake lie between two multiples of this. */
const NUMBERS = 0x10000

const COOKIE_BYTES = 20

/** What a server sends, in order; CERTIFICATE_REQUEST may be missing. */
const SERVER_FLIGHT = [SERVER_HELLO, CERTIFICATE, SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST, SERVER_HELLO_DONE]

/** What a client sends after its hello, in order. */
const CLIENT_FLIGHT = [CERTIFICATE, CLIENT_KEY_EXCHANGE, CERTIFICATE_VERIFY]

/**
 * Where the record numbers of a handshake begin. Between two peers of this library the client draws it and the server takes it over, so
 * that who forges the peer's address but cannot read its packets does not hit a number that counts. Other stacks begin at 0.
 */
export function drawFirstNumber(isOwnKind: boolean): number {
  return isOwnKind ? randomInt(1, 2 ** 31) * NUMBERS : 0
}

function isOfHandshake(number: number, firstNumber: number): boolean {
  return firstNumber === 0 || (number >= firstNumber && number < firstNumber + NUMBERS)
}

/** Takes one flight, message by message. */
class FlightGate {
  readonly #end: HandshakeEnd
  readonly #expected: readonly number[]
  readonly #order: MessageOrder
  #last = -1
  #repeats = 0

  constructor(end: HandshakeEnd, expected: readonly number[], firstSequence: number) {
    this.#end = end
    this.#expected = expected
    this.#order = new MessageOrder(firstSequence)
  }

  get isComplete(): boolean {
    return this.#last === this.#expected.length - 1
  }

  get hasBegun(): boolean {
    return this.#last >= 0
  }

  /** False when the fragment contradicts a message that was handed over. */
  take(fragment: Fragment): boolean {
    const before = this.#order.taken(fragment)
    if (before) {
      if (!before.same) return false
      this.#repeat(before.message)
      return true
    }
    this.#order.add(fragment)
    for (let message = this.#next(); message; message = this.#next()) this.#end.deliver(recordOf(message))
    return true
  }

  #next(): HandshakeMessage | undefined {
    return this.#order.take((type) => {
      const place = this.#expected.indexOf(type)
      const skipped = this.#expected.slice(this.#last + 1, Math.max(place, 0))
      if (place <= this.#last || skipped.some((left) => left !== CERTIFICATE_REQUEST)) return false
      this.#last = place
      return true
    })
  }

  /** The last message of a flight asks for the next flight again. */
  #repeat(message: HandshakeMessage): void {
    if (message.type === SERVER_HELLO_DONE && this.#repeats++ < MAX_ANSWERED_REPEATS)
      this.#end.deliver(recordOf(message))
  }
}

/** A client's: one for each handshake. */
export class ClientGate {
  readonly #end: HandshakeEnd
  readonly #firstNumber: number
  #flight: FlightGate
  #verifyRequest: Buffer | undefined

  constructor(end: HandshakeEnd, firstNumber: number) {
    this.#end = end
    this.#firstNumber = firstNumber
    this.#flight = new FlightGate(end, SERVER_FLIGHT, 0)
  }

  receive(datagram: Buffer): void {
    for (const record of handshakeRecords(datagram)) {
      if (record.epoch === 1) deliverFinished(this.#end, this.#flight, record)
      else if (record.epoch === 0 && isOfHandshake(record.number, this.#firstNumber)) {
        for (const fragment of fragmentsIn(record.content))
          if (!this.#take(fragment)) return this.#end.onBroken()
      }
    }
  }

  #take(fragment: Fragment): boolean {
    if (fragment.type !== HELLO_VERIFY_REQUEST) return this.#flight.take(fragment)
    // It fits any datagram, so nobody sends it in fragments.
    const { sequence, part, length } = fragment
    if (sequence !== 0 || part.length !== length) return true
    if (this.#verifyRequest) return this.#verifyRequest.equals(part)
    if (this.#flight.hasBegun) return true
    this.#verifyRequest = part
    this.#flight = new FlightGate(this.#end, SERVER_FLIGHT, 1)
    this.#end.deliver(recordOf({ type: HELLO_VERIFY_REQUEST, sequence, body: part }))
    return true
  }
}

/** A server's: one for all handshakes. A hello without the cookie of its sender is answered and forgotten (RFC 6347 section 4.2.1). */
export class ServerGate {
  readonly #end: ServerEnd
  readonly #isOwnKind: boolean
  readonly #secret = randomBytes(32)
  #firstNumber = 0
  #hello: HandshakeMessage | undefined
  #flight: FlightGate
  #repeats = 0
  /** Those that are not complete, by their sequence numbers 0 and 1. */
  readonly #hellos: (MessageOrder | undefined)[] = []
  /** Randoms of the hellos that began a handshake: an old one that comes again must not end a newer. */
  readonly #begun = new Set<string>()

  constructor(end: ServerEnd, isOwnKind: boolean) {
    this.#end = end
    this.#isOwnKind = isOwnKind
    this.#flight = new FlightGate(end, CLIENT_FLIGHT, 0)
  }

  /** Where the record numbers of the handshake under way begin. */
  get firstNumber(): number {
    return this.#firstNumber
  }

  receive(datagram: Buffer): void {
    for (const record of handshakeRecords(datagram)) {
      if (record.epoch === 1) deliverFinished(this.#end, this.#flight, record)
      else if (record.epoch === 0) {
        for (const fragment of fragmentsIn(record.content)) {
          if (fragment.type === CLIENT_HELLO) this.#takeHello(fragment, record.number)
          else if (!this.#takeLater(fragment, record.number)) return this.#end.onBroken()
        }
      }
    }
  }

  /** Begins the handshake under way again; the client notices that our messages contradict those before, and does the same. */
  beginAgain(): void {
    const hello = this.#hello && readClientHello(this.#hello.body)
    if (this.#hello && hello) this.#begin(this.#hello, hello.bodyWithoutCookie, hello.cookie)
  }

  #takeLater(fragment: Fragment, number: number): boolean {
    if (!this.#hello || !isOfHandshake(number, this.#firstNumber)) return true
    return this.#flight.take(fragment)
  }

  #takeHello(fragment: Fragment, number: number): void {
    if (fragment.sequence > 1) return
    const order = this.#hellos[fragment.sequence] ?? new MessageOrder(fragment.sequence)
    order.add(fragment)
    const message = order.take((type) => type === CLIENT_HELLO)
    this.#hellos[fragment.sequence] = message ? undefined : order
    if (!message) return
    const hello = readClientHello(message.body)
    if (!hello) return
    const cookie = this.#cookieFor(hello.random)
    if (hello.cookie.length === 0) this.#end.send(helloVerifyRequest(cookie, this.#isOwnKind ? number : 1))
    else if (hello.cookie.equals(cookie)) this.#takeVerified(message, hello.bodyWithoutCookie, cookie, number)
  }

  #takeVerified(message: HandshakeMessage, bodyWithoutCookie: Buffer, cookie: Buffer, number: number): void {
    if (this.#hello?.body.equals(message.body)) {
      // It asks for our flight again.
      if (!this.#flight.hasBegun && this.#repeats++ < MAX_ANSWERED_REPEATS)
        this.#end.deliver(recordOf(message))
      return
    }
    const random = message.body.toString('hex', 2, 34)
    if (this.#begun.has(random) || this.#begun.size >= MAX_HANDSHAKES) return
    this.#begun.add(random)
    this.#firstNumber = this.#isOwnKind ? number - (number % NUMBERS) : 0
    this.#begin(message, bodyWithoutCookie, cookie)
  }

  #begin(message: HandshakeMessage, bodyWithoutCookie: Buffer, cookie: Buffer): void {
    this.#hello = message
    this.#repeats = 0
    this.#flight = new FlightGate(this.#end, CLIENT_FLIGHT, message.sequence + 1)
    this.#end.begin(cookie, [recordOf({ ...message, body: bodyWithoutCookie }), recordOf(message)])
  }

  #cookieFor(random: Buffer): Buffer {
    return createHmac('sha256', this.#secret).update(random).digest().subarray(0, COOKIE_BYTES)
  }
}

/** werift decrypts it, and drops it when it is not authentic. */
function deliverFinished(end: HandshakeEnd, flight: FlightGate, { bytes }: HandshakeRecord): void {
  if (flight.isComplete && bytes.length <= MAX_FINISHED_RECORD_BYTES) end.deliver(bytes)
}
