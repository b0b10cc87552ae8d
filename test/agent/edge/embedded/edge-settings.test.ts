/** What an operator sets wrongly is refused at the start, by name, and without repeating what may be a secret. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { edgeSettings } from '../../../../agent/command-line/options/edge-options.ts'
import { checkEdgeSettings } from '../../../../agent/edge/embedded/edge-settings.ts'
import { VoltdropError } from '../../../../protocol/errors.ts'

const right = {
  STUN_URLS: 'stun:stun.example:3478, stun:[2001:db8::1]',
  TURN_URLS: 'turn:turn.example:3478?transport=udp,turns:turn.example:443?transport=tcp',
  TURN_SECRET: 'a secret of some words',
  TURN_KEY_ID: '0123456789abcdef',
  TURN_KEY_API_TOKEN: 'a-token_with.all=',
  WRITE_TOKEN_SHA256: '0'.repeat(64),
  WRITE_TOKEN_SHA256_NEXT: 'F'.repeat(64),
  ALLOWED_ORIGINS: 'https://page.example, http://localhost:3000',
  ROOM_MAX_WAIT_SECONDS: '3600',
  ROOMS_PER_ADDRESS: '10',
}

test('right settings are taken, and every setting is checked', () => {
  checkEdgeSettings(right)
  checkEdgeSettings({})
  assert.deepEqual(Object.keys(right).toSorted(), Object.keys(edgeSettings).toSorted())
})

test('a wrong setting is refused by its name', () => {
  const wrong: [name: keyof typeof right, values: string[]][] = [
    ['STUN_URLS', ['stun.example', 'turn:turn.example', 'stun:a,,stun:b', 'stun:a b', 'stun:user@a']],
    ['TURN_URLS', ['stun:stun.example', 'turn:turn.example?transport=sctp', 'https://turn.example']],
    ['TURN_SECRET', ['two\nlines', ' spaces around ']],
    ['TURN_KEY_ID', ['two words', 'é']],
    ['TURN_KEY_API_TOKEN', ['line\n']],
    ['WRITE_TOKEN_SHA256', ['the-token-itself', 'g'.repeat(64), '0'.repeat(63)]],
    ['WRITE_TOKEN_SHA256_NEXT', ['0'.repeat(65)]],
    ['ROOM_MAX_WAIT_SECONDS', ['1h', '-1', '0.5']],
    ['ROOMS_PER_ADDRESS', ['many', '00']],
    [
      'ALLOWED_ORIGINS',
      ['other.example', 'https://other.example/', 'https://page.example/x', '*', 'file:///x'],
    ],
  ]
  for (const [name, values] of wrong) {
    for (const value of values) {
      assert.throws(
        () => checkEdgeSettings({ ...right, [name]: value }),
        (error) => {
          assert.ok(error instanceof VoltdropError)
          assert.equal(error.code, 'usage')
          assert.ok(error.detail?.startsWith(`${name}: `), `${name} ${value}: ${error.detail}`)
          assert.ok(!error.detail?.includes(value), value)
          return true
        },
        `${name} ${value}`,
      )
    }
  }
})

test('a setting that needs another one is refused without it', () => {
  for (const name of ['TURN_URLS', 'TURN_SECRET', 'TURN_KEY_ID', 'TURN_KEY_API_TOKEN'] as const)
    assert.throws(() => checkEdgeSettings({ [name]: right[name] }), {
      detail: new RegExp(`^${name} is set, but TURN_`),
    })
})
