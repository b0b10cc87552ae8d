/**
 * How fast the SCTP JavaScript is by itself: two associations over a pipe in memory, no sockets, no DTLS, both ends on one core.
 * Run by hand: node bench/transport/sctp-pipe.ts [megabytes] [packet bytes] [crc]
 */
import { randomBytes } from 'node:crypto'
import type { Layer } from '../../transport/layer.ts'
import type { AssociationEvents, AssociationOptions } from '../../transport/sctp/association-options.ts'
import { Association } from '../../transport/sctp/association.ts'
import type { CongestionController } from '../../transport/sctp/congestion/congestion-controller.ts'
import type { Runtime } from '../../transport/sctp/runtime.ts'

const MESSAGE_BYTES = 65_536
const MAX_PACKET_BYTES = 65_536
/** Packets that one turn of a real event loop reads from a socket. */
const PACKETS_A_TURN = 32
/** Turns between two looks at the timers. */
const TURNS = 200
const WINDOW_BYTES = 524_288

const [megabytes = '1000', packetBytes = '1200', checksum = ''] = process.argv.slice(2)
const totalBytes = Number(megabytes) * 1_000_000

/** One direction: packets are copied into slots that are reused. */
class Pipe {
  readonly #slots = Array.from({ length: 2_048 }, () => Buffer.alloc(MAX_PACKET_BYTES))
  readonly #lengths = new Uint32Array(2_048)
  #head = 0
  #tail = 0

  push(packet: Uint8Array): void {
    const slot = this.#tail++ & 2_047
    this.#lengths[slot] = packet.length
    this.#slots[slot]?.set(packet)
  }

  read(take: (packet: Uint8Array) => void): void {
    for (let packets = 0; packets < PACKETS_A_TURN && this.#head !== this.#tail; packets++) {
      const slot = this.#head++ & 2_047
      take((this.#slots[slot] ?? Buffer.alloc(0)).subarray(0, this.#lengths[slot]))
    }
  }
}

/** The pipe holds a whole window and loses nothing: a real controller would only add its own cost. */
function fixedWindow(): CongestionController {
  function ignore(): void {}
  const on = {
    onSent: ignore,
    onAck: ignore,
    onLoss: ignore,
    onTimeout: ignore,
    onIdle: ignore,
    setMaxPacketBytes: ignore,
  }
  return { name: 'fixed', windowBytes: WINDOW_BYTES, pacingBytesPerSecond: Infinity, ...on }
}

let deferred: (() => void)[] = []

const runtime: Runtime = {
  now: () => performance.now(),
  setTimer: (delayMs, call) => {
    const timer = setTimeout(call, delayMs)
    return () => clearTimeout(timer)
  },
  defer: (call) => void deferred.push(call),
  randomBytes: (length) => randomBytes(length),
}

/** One end of the pipe, as the layer below an association. */
class PipeEnd implements Layer {
  receive: (packet: Uint8Array) => void = () => {}
  readonly #out: Pipe

  constructor(out: Pipe) {
    this.#out = out
  }

  send(packet: Uint8Array): void {
    this.#out.push(packet)
  }

  onPacket(take: (packet: Uint8Array) => void): void {
    this.receive = take
  }

  onClosed(): void {}

  close(): void {}
}

const payload = Buffer.alloc(MESSAGE_BYTES, 1)
const there = new Pipe()
const back = new Pipe()
const senderEnd = new PipeEnd(there)
const receiverEnd = new PipeEnd(back)
let sentBytes = 0
let receivedBytes = 0

const nothing: AssociationEvents = {
  onState: () => {},
  onMessage: () => {},
  onRoom: () => {},
  onStreamsReset: () => {},
  onResetDone: () => {},
}
const options: Omit<AssociationOptions, 'lower' | 'events'> = {
  runtime,
  maxPacketBytes: Number(packetBytes),
  maxMessageBytes: 1 << 20,
  receiveWindowBytes: 8 << 20,
  zeroChecksum: checksum !== 'crc',
  congestion: fixedWindow,
}
const sender: Association = new Association({
  ...options,
  lower: senderEnd,
  events: { ...nothing, onRoom: fill, onState: fill },
})
const receiver: Association = new Association({
  ...options,
  lower: receiverEnd,
  events: {
    ...nothing,
    onMessage: (_stream, _ppid, message) => {
      receivedBytes += message.length
      receiver.consumed(message.length)
    },
  },
})

function fill(): void {
  if (sender.state !== 'open') return
  for (; sender.bufferedBytes < 2 << 20 && sentBytes < totalBytes; sentBytes += MESSAGE_BYTES)
    sender.send(0, 53, payload)
}

function turn(): void {
  for (let count = 0; count < TURNS; count++) {
    there.read(receiverEnd.receive)
    back.read(senderEnd.receive)
    const due = deferred
    deferred = []
    for (const call of due) call()
  }
  if (receivedBytes < totalBytes) setImmediate(turn)
  else finish()
}

function finish(): void {
  const { user, system } = process.cpuUsage(before)
  const microseconds = user + system
  const packets = sender.stats.packetsSent
  console.log(
    `${Math.round(receivedBytes / microseconds)} MB/s of CPU, ${(microseconds / packets).toFixed(2)} us a packet, both ends`,
  )
  sender.abort()
  receiver.abort()
}

const before = process.cpuUsage()
sender.connect()
turn()
