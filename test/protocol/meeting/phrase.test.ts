/** Codes: all words equally likely, lenient parsing, and local refusal of what cannot be a code. */
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'
import { VoltdropError } from '../../../protocol/errors.ts'
import * as phrase from '../../../protocol/meeting/phrase.ts'
import { Secret } from '../../../protocol/secret.ts'
import { words } from '../../../protocol/meeting/words.ts'

function refusal(text: string): VoltdropError {
  try {
    phrase.parseCode(text)
  } catch (error) {
    if (error instanceof VoltdropError) return error
    throw error
  }
  return assert.fail(`"${text}" was taken for a code`)
}

test('a code that was formatted parses to the same code', () => {
  const code = phrase.parseCode('7-copper-label')
  assert.equal(code.room, 7)
  assert.equal(code.words.reveal(), 'copper-label')
  assert.equal(phrase.formatCode(code), '7-copper-label')
})

test('parsing ignores case, separators and surrounding space, and completes words', () => {
  const forms = [
    '7 copper label',
    ' 7-COPPER-Label\n',
    '7+copper_label',
    '7–copper—label',
    '7.copper, label',
    '7-copp-labe',
  ]
  for (const form of forms) assert.equal(phrase.formatCode(phrase.parseCode(form)), '7-copper-label', form)
})

test('text that cannot be a code is refused as bad_code', () => {
  const forms = [
    '',
    '7',
    '7-copper',
    'copper-label',
    '0-copper-label',
    '07-copper-label',
    '1234567-copper-label',
  ]
  forms.push(
    '7-copper-lable',
    '7-copper-co',
    '7-copper-zzz',
    `7${'-copper'.repeat(13)}`,
    '7-copper-'.padEnd(300, 'x'),
  )
  for (const form of forms) assert.equal(refusal(form).code, 'bad_code', form)
})

test('the error names the position of a wrong word and repeats nothing that was typed', () => {
  const error = refusal('7-copper-labbell')
  assert.equal(error.detail, 'word 2 is not in the word list')
  assert.doesNotMatch(inspect(error), /copper|labbell/)
})

test('a prefix is completed only when it has three letters and fits one word', () => {
  assert.equal(phrase.completeWord('copper'), 'copper')
  assert.equal(phrase.completeWord('cop'), undefined)
  assert.equal(phrase.completeWord('copp'), 'copper')
  assert.equal(phrase.completeWord('zo'), undefined)
  assert.ok(phrase.wordsBeginningWith('cop').includes('copper'))
})

test('every prefix that is completed gives the only word that begins with it', () => {
  for (const word of words) {
    for (let length = 1; length <= word.length; length++) {
      const completed = phrase.completeWord(word.slice(0, length))
      assert.ok(completed === undefined || completed === word || words.includes(word.slice(0, length)), word)
    }
    assert.equal(phrase.completeWord(word), word)
  }
})

test('a word with one typing mistake of any kind leads to the intended word', () => {
  for (const typo of ['coppr', 'copperr', 'coqper', 'ocpper', 'coppre', 'xcopper']) {
    assert.equal(phrase.nearestWord(typo), 'copper', typo)
  }
  assert.equal(phrase.nearestWord('cqqper'), undefined)
  assert.equal(phrase.nearestWord(''), undefined)
})

test('a code has two words by default, and a number outside the limits is refused', () => {
  assert.equal(phrase.drawWords().reveal().split('-').length, 2)
  assert.equal(phrase.drawWords(6).reveal().split('-').length, 6)
  for (const count of [1, 0, -1, 2.5, 13, Number.NaN]) {
    assert.throws(() => phrase.drawWords(count), { code: 'usage' }, String(count))
  }
})

test('every word is equally likely', () => {
  const counts = new Map<string, number>(words.map((word) => [word, 0]))
  const draws = 100_000
  for (let drawn = 0; drawn < draws; drawn += 10) {
    for (const word of phrase.drawWords(10).reveal().split('-')) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const expected = draws / words.length
  const chiSquare = [...counts.values()].reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0)
  const freedom = words.length - 1
  // Six standard deviations: about one false alarm in 10^9 runs, and the bias of a plain modulo is far outside.
  assert.ok(
    Math.abs(chiSquare - freedom) < 6 * Math.sqrt(2 * freedom),
    `chi-square ${chiSquare} at ${freedom}`,
  )
})

test('a random number beyond the last whole multiple of the list is rejected', () => {
  const draws = [Uint8Array.of(255, 255), Uint8Array.of(0, 1), Uint8Array.of(0, 2)]
  const drawn = phrase.drawWords(2, () => draws.shift() ?? assert.fail('too many draws'))
  assert.equal(drawn.reveal(), `${words[1]}-${words[2]}`)
})

test('printing a code does not show its words', () => {
  const code = phrase.parseCode('7-copper-label')
  assert.ok(code.words instanceof Secret)
  assert.doesNotMatch(`${inspect(code)} ${JSON.stringify(code)}`, /copper|label/)
})
