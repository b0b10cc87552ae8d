/** What may be shown as it is: one table for names and terminals, the same under every Node. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeUnshown, isShowable } from '../../protocol/showable.ts'

const LAST_CODE_POINT = 0x10ffff

test('no control, format, private, surrogate or default-ignorable character is shown, whatever stands around it', () => {
  const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u
  const shown: string[] = []
  for (let point = 0; point <= LAST_CODE_POINT; point++) {
    const character = String.fromCodePoint(point)
    if (hidden.test(character) && isShowable(`a${character}b`)) shown.push(point.toString(16))
  }
  assert.deepEqual(shown, [])
})

test('every letter, mark, digit, sign and symbol of Unicode 16.0 is shown', () => {
  const visible = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u
  let refused = 0
  let count = 0
  for (let point = 0; point <= LAST_CODE_POINT; point++) {
    const character = String.fromCodePoint(point)
    if (!visible.test(character) || /\p{Default_Ignorable_Code_Point}/u.test(character)) continue
    count++
    if (!isShowable(character)) refused++
  }
  // This Node may know a later version: what that added is not shown. 16.0 has 154,998 characters that are not controls or formats.
  assert.ok(count - refused > 154_500, `${count} visible, ${refused} of them refused`)
  assert.equal(isShowable('\u{16d40}'), true, 'added in 16.0')
  assert.equal(isShowable('\u20c1'), false, 'added in 17.0')
})

test('hidden characters are named one by one, and text without them is returned as it is', () => {
  const named = escapeUnshown(
    'a\u202eb\u{e0001}\ud800',
    (character) => `<${character.codePointAt(0)?.toString(16)}>`,
  )
  assert.equal(named, 'a<202e>b<e0001><d800>')
  assert.equal(
    escapeUnshown('', () => 'x'),
    '',
  )
  assert.equal(
    escapeUnshown('\u96fb\u6c60 \u{1f50b}', () => 'x'),
    '\u96fb\u6c60 \u{1f50b}',
  )
})

test('a joiner or style is shown where it belongs to an emoji or a word, and nowhere else', () => {
  const belongs = [
    '\u{1f469}\u200d\u{1f680}',
    '\u2764\ufe0f',
    '#\ufe0f\u20e3',
    '\u06cc\u200c\u062e',
    '\u094d\u200d\u0937',
  ]
  for (const text of belongs) assert.ok(isShowable(text), JSON.stringify(text))
  const hides = [
    '\u200d',
    'a\u200d\u{1f680}',
    '\u{1f469}\u200d\u200d\u{1f680}',
    '#\ufe0f',
    '\u2764\ufe0f\ufe0f',
    '\u06cc\u200ca',
  ]
  for (const text of hides) assert.ok(!isShowable(text), JSON.stringify(text))
})
