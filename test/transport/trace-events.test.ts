import assert from 'node:assert/strict'
import test from 'node:test'
import type { TraceEvent } from '../../transport/trace-events.ts'
import { makeStartAttempt } from '../../transport/webrtc-attempt.ts'
import { openPair, receiveAll, sendAll } from './attempt-pair.ts'
import { messagesOf } from '../support/messages-of.ts'

/** Resolves once `events` has one of `name`. */
async function seen(events: readonly TraceEvent[], name: TraceEvent['event']): Promise<TraceEvent> {
  for (;;) {
    const found = events.find(({ event }) => event === name)
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('a trace has the ICE pair, the DTLS role and the path MTU found, in flat events without addresses', async (t) => {
  const events: TraceEvent[] = []
  const traced = makeStartAttempt({ transport: 'fast', trace: (event) => events.push(event) })
  const { offering, answering } = await openPair(t, traced, makeStartAttempt({ transport: 'fast' }))
  await Promise.all([sendAll(offering.channel, 4, 65_536), receiveAll(messagesOf(answering.channel), 4)])
  const probe = await seen(events, 'path_mtu_probe')
  const found = await seen(events, 'path_mtu')
  const selected = await seen(events, 'pair_selected')
  const connected = await seen(events, 'dtls_connected')
  assert.ok('bytes' in probe && 'bytes' in found && found.bytes === probe.bytes && found.bytes > 1_172)
  assert.ok('kind' in selected && selected.kind === 'direct' && selected.protocol === 'udp')
  assert.ok('role' in connected && (connected.role === 'client' || connected.role === 'server'))
  for (const event of events) {
    assert.deepEqual(JSON.parse(JSON.stringify(event)), event)
    assert.ok(Object.values(event).every((value) => value === null || typeof value !== 'object'))
    assert.doesNotMatch(JSON.stringify(event), /\d+\.\d+\.\d+\.\d+|:[\da-f]{0,4}:/)
  }
  assert.deepEqual(
    events.map(({ ms }) => ms),
    events.map(({ ms }) => ms).toSorted((a, b) => a - b),
  )
})

test('the peer’s closing is traced', async (t) => {
  const events: TraceEvent[] = []
  const traced = makeStartAttempt({ transport: 'fast', trace: (event) => events.push(event) })
  const { offering, answering } = await openPair(t, makeStartAttempt({ transport: 'fast' }), traced)
  offering.channel.close()
  for await (const _ of messagesOf(answering.channel)) assert.fail('nothing was sent')
  await seen(events, 'dtls_closed')
})
