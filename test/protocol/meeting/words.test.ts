/** The word list: what the person who types a code can rely on. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { isWithinOneMistake } from '../../../protocol/meeting/phrase.ts'
import { words } from '../../../protocol/meeting/words.ts'

test('the list has at least 1,500 words of 3 to 8 letters a-z, sorted and without duplicates', () => {
  assert.ok(words.length >= 1500, `${words.length} words`)
  assert.deepEqual(
    words.filter((word) => !/^[a-z]{3,8}$/.test(word)),
    [],
  )
  assert.deepEqual(words, [...new Set(words)].toSorted())
})

test('no single typing mistake turns one word into another', () => {
  const close: string[] = []
  for (const [index, word] of words.entries()) {
    for (const other of words.slice(index + 1))
      if (isWithinOneMistake(word, other)) close.push(`${word} ${other}`)
  }
  assert.deepEqual(close, [])
})

test('the list is unchanged, because verification strings depend on every word and its position', () => {
  const sha256 = createHash('sha256').update(words.join(' ')).digest('hex')
  assert.equal(sha256, 'e4baf81dc767a1b1aa61742628cbe6bab9f1ecffae550269c8077b4460cf709b')
})

test('no word is rude or threatening', () => {
  const rude = [
    'abuse',
    'bomb',
    'death',
    'gun',
    'hate',
    'kill',
    'murder',
    'slave',
    'stupid',
    'suicide',
    'weapon',
  ]
  assert.deepEqual(
    rude.filter((word) => words.includes(word)),
    [],
  )
})
