/** Under which addresses an edge is reached, and why it cannot listen. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listenFailure } from '../../../../agent/edge/door/listen-failure.ts'
import { openDoor } from '../../../../agent/edge/door/door.ts'
import { reachableAt } from '../../../../agent/edge/door/reachable-at.ts'
import { failsAs } from '../../../support/edge/fake-edge.ts'

const interfaces = [
  { address: '127.0.0.1', internal: true },
  { address: '::1', internal: true },
  { address: '192.0.2.1', internal: false },
  { address: '169.254.7.7', internal: false },
  { address: '2001:db8::1', internal: false },
  { address: 'fe80::1', internal: false },
]

function reached(address: string) {
  const { local, others } = reachableAt({ address, port: 8787, family: '' }, interfaces)
  return [local.origin, ...others]
}

test('an edge says under which addresses this machine and others reach it', () => {
  assert.deepEqual(reached('127.0.0.1'), ['http://127.0.0.1:8787'])
  assert.deepEqual(reached('::1'), ['http://[::1]:8787'])
  assert.deepEqual(reached('192.0.2.1'), ['http://192.0.2.1:8787', 'http://192.0.2.1:8787'])
  assert.deepEqual(reached('0.0.0.0'), ['http://127.0.0.1:8787', 'http://192.0.2.1:8787'])
  assert.deepEqual(reached('::'), ['http://[::1]:8787', 'http://192.0.2.1:8787', 'http://[2001:db8::1]:8787'])
})

const usual = { port: 0, proxies: [], allowedOrigins: [], tokenHashes: [] }

test('an address that cannot be listened on is named with the reason', async (t) => {
  const door = await openDoor({ ...usual, host: '127.0.0.1' })
  t.after(() => door.close())
  const { port } = door.address
  const taken = failsAs('not_possible_here', new RegExp(`^port ${port} is taken: .*--port`))
  await assert.rejects(openDoor({ ...usual, host: '127.0.0.1', port }), taken)
  const foreign = failsAs('not_possible_here', /does not have the address 192\.0\.2\.1: .*--host/)
  await assert.rejects(openDoor({ ...usual, host: '192.0.2.1' }), foreign)
  const unknown = failsAs('not_possible_here', /the name no\.such\.invalid|no address is known for no\.such/)
  await assert.rejects(openDoor({ ...usual, host: 'no.such.invalid' }), unknown)
  const denied = listenFailure(Object.assign(new Error('denied'), { code: 'EACCES' }), {
    host: '::',
    port: 80,
  })
  assert.match(denied.detail ?? '', /^port 80 needs rights .*--port/)
  const odd = listenFailure(Object.assign(new Error('odd'), { code: 'EODD' }), { host: '::', port: 80 })
  assert.equal(odd.detail, 'it cannot listen on [::]:80: EODD')
})
