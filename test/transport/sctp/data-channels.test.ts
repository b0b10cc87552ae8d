/** Data channels: opening from both ends, empty and large messages, closing, and a peer that sends invalid messages. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { packetChecksum } from '../../../transport/sctp/wire/crc32c.ts'
import { newReno } from '../../../transport/sctp/congestion/new-reno.ts'
import { type DataChannel, DataChannels } from '../../../transport/sctp/data-channels.ts'
import { encodedAck, encodeOpen, Ppid } from '../../../transport/sctp/wire/dcep.ts'
import { DataFlag } from '../../../transport/sctp/wire/data-chunk.ts'
import { ChunkType } from '../../../transport/sctp/wire/packet.ts'
import { SimulatedLink, seededRandom, VirtualTime } from '../../support/simulated-network.ts'
import { patterned } from './pair.ts'
import { SimulatedLayer, virtualRuntime } from './simulated-layer.ts'

type Side = {
  readonly channels: DataChannels
  readonly layer: SimulatedLayer
  readonly opened: DataChannel[]
  readonly received: [number, Buffer, boolean][]
}

function makeSides(loss = 0): { time: VirtualTime; client: Side; server: Side; up: SimulatedLink } {
  const time = new VirtualTime()
  const random = seededRandom(3)
  function make(dtlsRole: 'client' | 'server', link: () => SimulatedLink): Side {
    const opened: DataChannel[] = []
    const received: [number, Buffer, boolean][] = []
    const layer = new SimulatedLayer((packet) => link().send(packet))
    const channels = new DataChannels({
      dtlsRole,
      lower: layer,
      runtime: virtualRuntime(time, random),
      maxPacketBytes: 1_200,
      maxMessageBytes: 1 << 20,
      receiveWindowBytes: 1 << 20,
      congestion: newReno,
      onState: () => {},
      onRoom: () => {},
      onChannel: (channel) => {
        opened.push(channel)
        listen(channel, received)
      },
    })
    return { channels, layer, opened, received }
  }
  const options = { delayMs: 5, loss }
  const client = make('client', () => up)
  const server = make('server', () => down)
  const up = new SimulatedLink(time, random, options, (packet) => server.layer.deliver(packet))
  const down = new SimulatedLink(time, random, options, (packet) => client.layer.deliver(packet))
  client.channels.association.connect()
  return { time, client, server, up }
}

function listen(channel: DataChannel, received: [number, Buffer, boolean][]): void {
  channel.onMessage = (payload, isText) => {
    received.push([channel.id, Buffer.from(payload), isText])
    channel.consumed(payload.length)
  }
}

test('both ends open channels, on even and odd streams, and send before the OPEN is acknowledged', () => {
  const { time, client, server } = makeSides()
  const first = client.channels.open('one', { protocol: 'volt' })
  const second = server.channels.open('two', { isOrdered: false })
  first.send(Buffer.from('hello'))
  second.send(Buffer.from('text'), true)
  assert.ok(time.run(2_000, () => first.state === 'open' && second.state === 'open'))
  const [one, two] = [server.opened[0], client.opened[0]]
  assert.deepEqual([one?.id, one?.label, one?.protocol, one?.isOrdered], [0, 'one', 'volt', true])
  assert.deepEqual([two?.id, two?.label, two?.protocol, two?.isOrdered], [1, 'two', '', false])
  assert.deepEqual(server.received, [[0, Buffer.from('hello'), false]])
  assert.deepEqual(client.received, [[1, Buffer.from('text'), true]])
})

test('an unordered channel sends ordered messages until its OPEN is acknowledged, so that none overtakes it', () => {
  const { time, client, up } = makeSides()
  const sent: [number, boolean][] = []
  const send = up.send.bind(up)
  up.send = (packet) => {
    const bytes = Buffer.from(packet)
    if (bytes[12] === ChunkType.data)
      sent.push([bytes.readUInt32BE(24), (bytes.readUInt8(13) & DataFlag.unordered) !== 0])
    send(packet)
  }
  assert.ok(time.run(2_000, () => client.channels.association.state === 'open'))
  const channel = client.channels.open('u', { isOrdered: false })
  time.run(time.nowMs)
  channel.send(patterned(10, 1))
  assert.ok(time.run(2_000, () => channel.state === 'open'))
  time.run(time.nowMs + 30)
  channel.send(patterned(10, 1))
  time.run(time.nowMs + 10)
  assert.deepEqual(sent, [
    [Ppid.control, false],
    [Ppid.binary, false],
    [Ppid.binary, true],
  ])
})

test('empty and large messages keep their order and their type', () => {
  const { time, client, server } = makeSides(0.05)
  const channel = client.channels.open('c')
  const sent: [number, Buffer, boolean][] = [0, 1, 0, 65_536, 262_144, 0, 1 << 20, 0].map((size, index) => [
    0,
    patterned(size, index),
    index % 2 === 1,
  ])
  for (const [, payload, isText] of sent) channel.send(payload, isText)
  assert.ok(time.run(60_000, () => server.received.length === sent.length))
  assert.deepEqual(server.received, sent)
})

test('closing either end closes both, after everything sent has arrived, and frees the stream', () => {
  for (const closer of ['opener', 'other'] as const) {
    const { time, client, server } = makeSides(0.05)
    const channel = client.channels.open('c')
    assert.ok(time.run(5_000, () => channel.state === 'open'))
    const other = server.opened[0]
    assert.ok(other)
    channel.send(patterned(50_000, 1))
    const closing = closer === 'opener' ? channel : other
    if (closer === 'other') assert.ok(time.run(10_000, () => server.received.length === 1))
    closing.close()
    assert.throws(() => closing.send(patterned(1, 1)), { code: 'interrupted' })
    assert.ok(time.run(30_000, () => channel.state === 'closed' && other.state === 'closed'))
    assert.equal(server.received.length, 1)
    const again = client.channels.open('again')
    assert.equal(again.id, 0)
    assert.ok(time.run(40_000, () => again.state === 'open'))
    assert.equal(server.opened[1]?.label, 'again')
  }
})

test('random opening, sending and closing at both ends, with invalid control messages in between, closes every channel', () => {
  for (let seed = 1; seed <= 10; seed++) chatter(seed)
})

function chatter(seed: number): void {
  const { time, client, server } = makeSides(0.1)
  const random = seededRandom(seed)
  function below(limit: number): number {
    return Math.floor(random() * limit)
  }
  const all: DataChannel[] = []
  for (let step = 0; step < 500; step++) {
    const side = below(2) === 0 ? client : server
    const { association } = side.channels
    const known = all[below(all.length + 1)]
    const stream = below(20)
    const action = below(9)
    if (action < 3) all.push(side.channels.open(`c${step}`))
    else if (action < 5) known?.close()
    else if (action < 8 && known?.state === 'open') known.send(patterned(below(3_000), step))
    else if (association.isWritable(stream))
      association.send(stream, Ppid.control, patterned(1 + below(30), step))
    time.run(time.nowMs + below(30))
  }
  for (const channel of all) channel.close()
  const channels = [...all, ...client.opened, ...server.opened]
  time.run(time.nowMs + 60_000, () => channels.every(({ state }) => state === 'closed'))
  const left = channels.filter(({ state }) => state !== 'closed')
  assert.deepEqual(
    left.map(({ label, state }) => [label, state]),
    [],
    `seed ${seed}`,
  )
  client.channels.association.close()
  time.run(time.nowMs + 60_000)
  const states = [client, server].map((side) => side.channels.association.state)
  assert.deepEqual([...states, time.pending], ['closed', 'closed', 0], `seed ${seed}`)
}

test('the end of the association closes every channel', () => {
  const { time, client, server } = makeSides()
  const channel = client.channels.open('c')
  assert.ok(time.run(2_000, () => channel.state === 'open'))
  server.channels.association.abort()
  time.run(time.nowMs + 1_000)
  assert.equal(channel.state, 'closed')
  assert.equal(server.opened[0]?.state, 'closed')
})

test('invalid control messages open no channel and throw nothing', () => {
  const { time, client, server } = makeSides()
  const { association } = client.channels
  const open = encodeOpen({ label: 'x', protocol: '', isOrdered: true })
  association.send(4, Ppid.control, encodedAck)
  association.send(4, Ppid.control, open.subarray(0, 11))
  association.send(4, Ppid.binary, patterned(100, 1))
  association.send(6, Ppid.control, open)
  association.send(6, Ppid.control, open)
  assert.ok(time.run(2_000, () => server.opened.length === 1))
  time.run(time.nowMs + 100)
  assert.deepEqual(
    server.opened.map(({ id }) => id),
    [6],
  )
  for (let id = 8; id < 1_000; id += 2) association.send(id, Ppid.control, open)
  time.run(time.nowMs + 2_000)
  assert.equal(server.opened.length, 256)
  assert.equal(association.state, 'open')
})

test('unread empty messages use up the receive window like any others', () => {
  const { time, client, server } = makeSides()
  const channel = client.channels.open('c')
  assert.ok(time.run(2_000, () => channel.state === 'open'))
  const other = server.opened[0]
  assert.ok(other)
  let unread = 0
  other.onMessage = () => void unread++
  for (let count = 0; count < 6_000; count++) channel.send(new Uint8Array(0))
  time.run(time.nowMs + 2_000)
  assert.equal(unread, ((1 << 20) + 65_536) / 256)
  other.onMessage = (payload) => other.consumed(payload.length)
  for (; unread > 0; unread--) other.consumed(0)
  assert.ok(time.run(time.nowMs + 60_000, () => client.channels.association.bufferedBytes === 0))
})

test('a peer that leaves resets unanswered and keeps sending ends the association at 4,096 messages over all streams', () => {
  const { time, client, server, up } = makeSides()
  const { association } = client.channels
  assert.ok(time.run(2_000, () => association.state === 'open'))
  const open = encodeOpen({ label: 'x', protocol: '', isOrdered: true })
  // Only 256 channels may be open: each further one is reset at once.
  for (let id = 0; id < 456; id++) association.send(id, Ppid.control, open)
  const send = up.send.bind(up)
  up.send = (packet) => {
    if (packet[12] !== ChunkType.reconfig) send(packet)
  }
  time.run(time.nowMs + 1_000)
  assert.equal(server.opened.length, 256)
  for (let count = 0; count < 4_096; count++) association.send(256 + (count % 200), 53, patterned(1, count))
  time.run(time.nowMs + 1_000)
  assert.equal(server.channels.association.state, 'open')
  association.send(256, 53, patterned(1, 0))
  time.run(time.nowMs + 100)
  assert.equal(server.channels.association.state, 'closed')
})

test('a reset that names no stream closes every channel', () => {
  const { time, client, server, up } = makeSides()
  const [one, two] = [client.channels.open('one'), client.channels.open('two')]
  assert.ok(time.run(2_000, () => one.state === 'open' && two.state === 'open'))
  const send = up.send.bind(up)
  up.send = (packet) => {
    const bytes = Buffer.from(packet)
    // An outgoing reset request for stream 0 becomes one for all.
    if (bytes[12] === ChunkType.reconfig && bytes.readUInt16BE(16) === 13) bytes.writeUInt16BE(16, 18)
    if (bytes[12] === ChunkType.reconfig) bytes.writeUInt32LE(packetChecksum(bytes, bytes.length), 8)
    send(bytes)
  }
  one.close()
  assert.ok(time.run(time.nowMs + 2_000, () => [one, two].every(({ state }) => state === 'closed')))
  assert.deepEqual(
    server.opened.map(({ state }) => state),
    ['closed', 'closed'],
  )
})
