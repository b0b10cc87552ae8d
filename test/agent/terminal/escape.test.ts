/** Escaping of text from outside before it reaches a terminal. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeJson, escapeText } from '../../../agent/terminal/escape.ts'

/** Attacks on terminals: cursor and colour sequences, bells, overwriting, hidden text, reversed reading order. */
const evil = [
  '\u001b[2J\u001b]0;owned\u0007',
  'a\rb',
  'a\nb',
  '\u0085\u009b31m',
  'exe.\u202efdp',
  '\u2066a\u2069',
  'a\u200bb\u200d\ufeff',
  'a\u2028b\u2029',
  '\ue000\u{f0000}',
  '\ud800 and \udc00',
  '\u00ad\u034f\u115f\u3164',
  '\u{e0001}\u{e0041}',
  '\u{378}',
  'a\u00a0b\u2800',
  'a\ufe0fb\u20c1',
]

const harmless = /^[^\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u00a0\u2800\u20c1]*$/u

test('characters that move the cursor, hide text or reverse it are escaped', () => {
  for (const text of evil) assert.match(escapeText(text), harmless, JSON.stringify(text))
})

test('an escaped character is shown as its code point', () => {
  assert.equal(escapeText('a\u202eb\u{e0001}'), 'a\\u{202e}b\\u{e0001}')
})

test('ordinary text of any script is unchanged', () => {
  for (const text of [
    'batteries-r1.csv',
    'Größe µΩ',
    '電池 データ',
    'батарея',
    'نص',
    '🔋',
    '👩🏽\u200d🚀',
    '❤\ufe0f',
  ])
    assert.equal(escapeText(text), text)
})

test('long text is cut', () => {
  assert.ok(escapeText('x'.repeat(100_000)).length < 1000)
})

test('escaped JSON has the same value and no unsafe character', () => {
  const value = { evil, more: { text: '\u{f0000}' } }
  const json = escapeJson(value)
  assert.match(json, harmless)
  assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(value)))
})
