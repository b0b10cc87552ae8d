/** Secrets are not printed by accident. */
import assert from 'node:assert/strict'
import { format, inspect } from 'node:util'
import { test } from 'node:test'
import { Secret } from '../../protocol/secret.ts'

const canary = 'canary-4711'

test('a secret converts to three asterisks wherever it is printed', () => {
  const secret = new Secret(canary)
  const holder = { nested: [secret] }
  const texts = [
    // oxlint-disable-next-line typescript/restrict-template-expressions -- the accident that is tested
    `${secret}`,
    String(secret),
    JSON.stringify(holder),
    inspect(holder, { depth: 9 }),
    format('%s %o %j', secret, secret, secret),
  ]
  texts.push(inspect(secret, { showHidden: true, customInspect: false }), [secret].join())
  for (const text of texts) assert.doesNotMatch(text, new RegExp(canary))
  assert.equal(String(secret), '***')
  assert.equal(JSON.stringify(holder), '{"nested":["***"]}')
  assert.equal(inspect(secret), '***')
})

test('an error that carries a secret as its cause does not show it', () => {
  assert.doesNotMatch(inspect(new Error('failed', { cause: new Secret(canary) })), new RegExp(canary))
})

test('reveal returns the value itself, text or bytes', () => {
  assert.equal(new Secret(canary).reveal(), canary)
  const bytes = Uint8Array.of(1, 2, 3)
  assert.equal(new Secret(bytes).reveal(), bytes)
})
