/** Names that a receiver must refuse or accept. Each refused name has been an attack or a problem somewhere; never remove one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestSafeName, safeName } from '../../../protocol/transfer/safe-name.ts'

const refused: unknown[] = [
  '',
  '.',
  '..',
  '../a',
  'a/b',
  'a\\b',
  '/etc/passwd',
  'C:\\x',
  'C:x',
  '\\\\srv\\s',
  '.bashrc',
  '.ssh',
  '.ssh/authorized_keys',
  'a\x00b',
  'a\x0ab',
  'a\x0db',
  '\x1b[31mx',
  '\u009b31m',
  'x\u202egpj.exe',
  'a\u200bb',
  'a\u2028b',
  'CON',
  'con.txt',
  'NUL',
  'LPT1.log',
  'COM\u00b9',
  'a ',
  'a.',
  '-rf',
  '~',
  '~/x',
  'file.txt:ads',
  'a*',
  'x'.repeat(201),
  'é'.repeat(101),
  '\ud800',
  'a\ue000',
  '\u2066a',
  5,
  null,
  undefined,
  {},
  ['a'],
  'C:',
  'con .txt',
  'aux.tar.gz',
  'CONOUT$',
  ' a',
  '\u00a0a',
  'a\u3000',
  'a\u2029b',
  'a\x7f',
  'a\u0085b',
  '\ufeffa',
  'a\udc00b',
  'a|b',
  '<a>',
  'a"b',
  'a?',
  '.voltdrop-00112233.part',
  'x'.repeat(1_000_000),
]

const accepted = [
  'a.txt',
  'Résumé.pdf',
  '日本語.txt',
  'photo 1.jpg',
  'tar.gz',
  'x..y',
  'a-b_c(1).zip',
  '😀.png',
  'aa.b',
  'x'.repeat(200),
  'é'.repeat(100),
  'console.log',
  'community.csv',
  'com10',
  'null',
  '$HOME',
  '`id`',
  "it's",
  '100%.csv',
]

for (const name of refused) {
  test(`the name ${describe(name)} is refused`, () => {
    assert.equal(safeName(name), undefined)
  })
}

for (const name of accepted) {
  test(`the name ${describe(name)} is accepted unchanged`, () => {
    assert.equal(safeName(name), name)
  })
}

test('a decomposed name is accepted in composed form, which the length limit applies to', () => {
  assert.equal(safeName('Re\u0301sume\u0301.pdf'), 'Résumé.pdf')
  assert.equal(safeName('e\u0301'.repeat(100)), 'é'.repeat(100))
})

test('every refused name has a nearest safe name that is accepted', () => {
  for (const name of refused.filter((candidate) => typeof candidate === 'string')) {
    const nearest = nearestSafeName(name)
    assert.equal(safeName(nearest), nearest, describe(name))
  }
})

test('the nearest safe name keeps as much of the name as possible', () => {
  const nearest: [string, string][] = [
    ['a.txt', 'a.txt'],
    ['.bashrc', 'bashrc'],
    ['what?.csv', 'what_.csv'],
    ['con.txt', '_con.txt'],
    ['trailing. ', 'trailing'],
    ['...', 'file'],
    [`${'x'.repeat(300)}.csv`, `${'x'.repeat(196)}.csv`],
    [`${'é'.repeat(120)}.csv`, `${'é'.repeat(98)}.csv`],
    [`${'😀'.repeat(60)}`, `${'😀'.repeat(50)}`],
  ]
  for (const [name, expected] of nearest) assert.equal(nearestSafeName(name), expected)
})

/** A short, printable form of any value. */
function describe(name: unknown): string {
  const shown = JSON.stringify(name) ?? 'undefined'
  const printable = shown.replaceAll(
    /[^\x20-\x7e]/gu,
    (character) => `U+${character.codePointAt(0)?.toString(16)}`,
  )
  return printable.length > 60 ? `${printable.slice(0, 57)}... (${shown.length} characters)` : printable
}
