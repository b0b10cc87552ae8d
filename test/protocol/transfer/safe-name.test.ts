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
  'caf\ufffd.txt',
  'CLOCK$',
  'clock$.txt',
  'Conin$.csv',
  'lpt\u00b2.log',
  'a\u3164b',
  '\u115fa',
  'a\uffa0',
  'a\u2800b',
  'a\ufffcb',
  'a\u{1d159}b',
  'a\u{13441}',
  'a\u00a0b',
  'a\u202fb',
  'a\u0378b',
  'a\u17b4b',
  'a\u{e0100}b',
  'a\u{10ffff}',
  'a\ufdd0b',
  'a\ufe0fb',
  'a1\ufe0fb',
  'a\u200db',
  'a\u200cb',
  '\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}.png',
  '\u{1f600}\u200d.png',
  '\u0645\u200c.txt',
  // Assigned after Unicode 16.0: refused by Nodes that know it and by those that do not.
  'a\u20c1b',
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
  'clock.txt',
  '\u2764\ufe0f.png',
  '\u260e\ufe0e.png',
  '1\ufe0f\u20e3.txt',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}.jpg',
  '\u{1f469}\u{1f3fd}\u200d\u{1f680}.jpg',
  '\u{1f3f3}\ufe0f\u200d\u{1f308}.png',
  '\u{1f1e9}\u{1f1ea}.txt',
  '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.txt',
  '\u0915\u094d\u200d\u0937.txt',
  'a\u3000b.txt',
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
    ['CLOCK$', '_CLOCK$'],
    ['caf\ufffd.txt', 'caf_.txt'],
    ['Screenshot 3.04\u202fPM.png', 'Screenshot 3.04 PM.png'],
    ['*\ufe0f\u20e3.txt', '__\u20e3.txt'],
    [`${'x'.repeat(192)}\u{1f468}\u200d\u{1f469}`, `${'x'.repeat(192)}\u{1f468}_`],
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
