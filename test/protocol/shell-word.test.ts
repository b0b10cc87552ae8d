/** Words that a real shell reads back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shellWord } from '../../protocol/shell-word.ts'
import { shellWords } from '../support/shell-words.ts'

for (const hostile of [
  `'; touch /tmp/x; '`,
  '$(id)',
  '`id`',
  '--yes',
  'a\\',
  '!!',
  '"',
  '*',
  '~',
  'ü 🔋',
  '-',
])
  test(`a shell reads the quoted ${hostile} as one word`, () => {
    assert.deepEqual(shellWords(shellWord(hostile)), [hostile])
  })
