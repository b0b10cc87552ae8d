import assert from 'node:assert/strict'
import { test } from 'node:test'
import { disarmFormulas, restoreFormulas } from '../../../protocol/catalogue/spreadsheet.ts'

/** What each is in CSV. */
const formulas: [string, string][] = [
  ['=1+1', "'=1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['＝1', "'＝1"],
  ["'=1", "''=1"],
  ['Acme;=cmd', "Acme;'=cmd"],
  ['Acme\t+cmd', "Acme\t'+cmd"],
  ['Acme|-cmd', "Acme|'-cmd"],
  ['Acme,@cmd', "Acme,'@cmd"],
  ['Acme\r\n=cmd', "Acme\r\n'=cmd"],
  ['Acme; =cmd', "Acme; '=cmd"],
  ['Acme;\u00a0＝cmd', "Acme;\u00a0'＝cmd"],
  ['Acme;"=cmd"', `Acme;"'=cmd"`],
  ["a;'=b;''-c", "a;''=b;'''-c"],
  ['=a;=b;;=c', "'=a;'=b;;'=c"],
  ['=-1;+-2', "'=-1;'+-2"],
]

for (const [text, inert] of formulas) {
  test(`${JSON.stringify(text)} is disarmed wherever a cell may begin, and restored`, () => {
    assert.equal(disarmFormulas(text), inert)
    assert.equal(restoreFormulas(inert), text)
  })
}

test('text in which no cell begins with a sign is left as it is', () => {
  for (const text of [
    'INR18650-35E',
    'a = b',
    '1 C / -20',
    "it's; fine",
    '2.5 V (at 0.2C)',
    '',
    "'",
    "5'; 6",
  ]) {
    assert.equal(disarmFormulas(text), text)
    assert.equal(restoreFormulas(text), text)
  }
})

test('every text comes back as it was', () => {
  const pieces = ['=', '-', "'", ';', ',', '|', '\t', '\n', ' ', '"', 'a', '＋']
  let state = 7
  for (let i = 0; i < 5_000; i++) {
    let text = ''
    while ((state = (state * 48_271) % 2_147_483_647) % 9 !== 0) text += pieces[state % pieces.length]
    assert.equal(restoreFormulas(disarmFormulas(text)), text)
    assert.doesNotMatch(disarmFormulas(text), /(?:^|[;,|\t\n])[\s"]*[=\-＋]/)
  }
})
