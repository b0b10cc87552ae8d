/** Codes in errors. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hideCodes } from '../../../agent/terminal/hide-codes.ts'
import { formatCode, drawWords } from '../../../protocol/meeting/phrase.ts'

test('whatever reads as a code is hidden, also misspelt, unfinished or with other separators', () => {
  const texts = {
    '7-goose-gift': '7-***',
    '7 Goose GIFT': '7-***',
    '12_goose+gift: there is no such file': '12-***: there is no such file',
    "open '/tmp/7-gosse-gift'": "open '/tmp/7-***'",
    '--7-goose-gift-crystal-lobster': '--7-***',
    '7-goose-gift; and more': '7-***; and more',
    '7.goose.gift': '7-***',
  }
  for (const [text, shown] of Object.entries(texts)) assert.equal(hideCodes(text), shown)
  for (let draw = 0; draw < 50; draw++) {
    const code = formatCode({ room: 123_456, words: drawWords(6) })
    assert.equal(hideCodes(`(${code})`), '(123456-***)')
  }
})

test('other text stays as it is', () => {
  for (const text of [
    'batteries-r285.csv',
    '2026-report-final.txt',
    '2026-large-report-final.txt',
    '/srv/12 files',
    'http://127.0.0.1:8787',
    'word 1 is not in the word list',
    'a code has 2 to 12 words',
    'a code of room 53 was tried here: for 10 minutes this machine tries none of that room',
    'the certificate of localhost:35119, valid until Jan 27 17:04:43 2026 GMT, has expired',
  ])
    assert.equal(hideCodes(text), text)
})
