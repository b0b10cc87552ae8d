/** Packets that a broken or hostile peer could send over DTLS: noise, valid chunks with noise in them, and damaged recordings. */
import { packetChecksum } from '../../../../transport/sctp/wire/crc32c.ts'
import { seededRandom } from '../../../support/simulated-network.ts'
import { type Endpoint, makePair, type Pair, patterned } from '../pair.ts'

const CHUNK_TYPES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 130, 132, 192, 64, 128, 193, 255]
/** Bytes at which lengths and counters overflow. */
const EDGE_BYTES = [0, 1, 3, 4, 127, 128, 254, 255]
/** Most broken packets end the association: after this many a new one is attacked. */
export const PACKETS_PER_ATTACK = 40
/** The largest packet that fits into a DTLS record in a datagram. */
const MAX_PACKET_BYTES = 65_470

type Recording = { readonly toA: Buffer[]; readonly toB: Buffer[] }

/** Sends the packets of one seed to both ends of an association in some state. Throws what they throw; returns how many survived. */
export function attack(seed: number): number {
  const random = seededRandom(seed * 2_654_435_761)
  function below(limit: number): number {
    return Math.floor(random() * limit)
  }
  const { pair, recording } = conversation(seed, below(4))
  for (let packet = 0; packet < PACKETS_PER_ATTACK; packet++) {
    const isA = below(2) === 0
    const target = isA ? pair.a : pair.b
    target.layer.deliver(hostilePacket(isA ? recording.toA : recording.toB, below))
    if (below(4) === 0) pair.time.run(pair.time.nowMs + below(400))
  }
  const survivors = [pair.a, pair.b].filter((end) => !hasEnded(end)).length
  pair.a.association.abort()
  pair.b.association.abort()
  return survivors
}

function hasEnded(end: Endpoint): boolean {
  return end.association.state === 'closed' || end.association.state === 'failed'
}

/** A pair at some stage between its first INIT and its end, and the packets that it has sent so far. */
function conversation(seed: number, stage: number): { pair: Pair; recording: Recording } {
  const pair = makePair({
    seed,
    ab: { delayMs: 10, loss: 0.05, jitterMs: 5 },
    a: { ringChunks: 64 },
    b: { ringChunks: 64 },
  })
  const recording: Recording = { toA: [], toB: [] }
  record(pair.ab, recording.toB)
  record(pair.ba, recording.toA)
  pair.a.association.connect()
  pair.b.association.connect()
  pair.time.run(stage === 0 ? 15 : 2_000)
  if (pair.a.association.state !== 'open' || pair.b.association.state !== 'open' || stage === 0)
    return { pair, recording }
  pair.a.association.send(1, 53, patterned(9_000, seed))
  pair.b.association.send(3, 51, patterned(2_000, seed), true)
  pair.time.run(pair.time.nowMs + 30)
  if (stage > 1) pair.a.association.resetStream(1)
  if (stage > 2) pair.b.association.close()
  pair.time.run(pair.time.nowMs + 30)
  return { pair, recording }
}

function record(link: Pair['ab'], into: Buffer[]): void {
  const send = link.send.bind(link)
  link.send = (packet) => {
    into.push(Buffer.from(packet))
    send(packet)
  }
}

function hostilePacket(recorded: readonly Buffer[], below: (limit: number) => number): Buffer {
  const kind = below(8)
  const original = recorded[below(recorded.length)]
  if (kind === 0 || original === undefined) return noise(below(200), below)
  const packet =
    kind < 3
      ? Buffer.concat([original.subarray(0, 12), noiseChunk(below), noiseChunk(below)])
      : Buffer.from(original)
  for (let change = kind < 3 ? 0 : below(4); change > 0 && packet.length > 12; change--) {
    const at = below(4) === 0 ? below(packet.length) : 12 + below(Math.min(32, packet.length - 12))
    packet[at] = below(2) === 0 ? (EDGE_BYTES[below(EDGE_BYTES.length)] ?? 0) : below(256)
  }
  const whole = below(400) === 0 ? swollen(packet, below) : packet
  const cut = below(6) === 0 ? whole.subarray(0, below(whole.length + 1)) : whole
  // The checksum is no defence: an authenticated peer computes the right one.
  if (cut.length >= 12) cut.writeUInt32LE(below(4) === 0 ? 0 : packetChecksum(cut, cut.length), 8)
  return cut
}

/** The same packet with its chunks repeated many times, or with its first chunk enlarged to the most that a datagram holds. */
function swollen(packet: Buffer, below: (limit: number) => number): Buffer {
  const [header, chunks] = [packet.subarray(0, 12), packet.subarray(12)]
  const room = MAX_PACKET_BYTES - below(100) - 12
  if (below(2) === 0 && chunks.length >= 4)
    return Buffer.concat([header, ...Array<Buffer>(Math.floor(room / chunks.length)).fill(chunks)])
  const large = Buffer.concat([packet, Buffer.alloc(room + 12 - packet.length)])
  large.writeUInt16BE(large.length - 12, 14)
  return large
}

function noiseChunk(below: (limit: number) => number): Buffer {
  const value = noise(below(48), below)
  const chunk = Buffer.alloc((4 + value.length + 3) & ~3)
  chunk[0] = CHUNK_TYPES[below(CHUNK_TYPES.length)] ?? 0
  chunk[1] = below(16)
  chunk.writeUInt16BE(below(8) === 0 ? below(70) : 4 + value.length, 2)
  chunk.set(value, 4)
  return chunk
}

function noise(length: number, below: (limit: number) => number): Buffer {
  const isSmall = below(2) === 0
  return Buffer.from(
    Array.from({ length }, () => (isSmall ? (EDGE_BYTES[below(EDGE_BYTES.length)] ?? 0) : below(256))),
  )
}
