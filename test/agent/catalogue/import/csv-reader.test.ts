/** CSV as programs and spreadsheets write it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CsvReader, type CsvRecord, detectDelimiter } from '../../../../agent/catalogue/import/csv-reader.ts'

function records(text: string, pieceLength = text.length, delimiter = ','): CsvRecord[] {
  const reader = new CsvReader(delimiter)
  const found: CsvRecord[] = []
  for (let at = 0; at < text.length; at += pieceLength || 1)
    found.push(...reader.push(text.slice(at, at + pieceLength)))
  return [...found, ...reader.end()]
}

const readings: [string, (readonly string[])[]][] = [
  [
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,b\r\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,b\r1,2\r',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  ['"a","b, c"\n', [['a', 'b, c']]],
  ['"say ""ah""",x\n', [['say "ah"', 'x']]],
  ['"two\r\nlines",x\n', [['two\r\nlines', 'x']]],
  ['a,,\n', [['a', '', '']]],
  ['\n\na\n\n', [['a']]],
  ['""\n', [['']]],
  ['', []],
]

test('CSV gives the same fields whether it arrives in one piece or character by character', () => {
  for (const [text, expected] of readings) {
    for (const pieceLength of [text.length, 1, 2]) {
      assert.deepEqual(
        records(text, pieceLength).map(({ fields }) => fields),
        expected,
        JSON.stringify([text, pieceLength]),
      )
    }
  }
})

test('a record has the line on which it begins, also after fields of several lines', () => {
  const lines = records('h\r\n"a\r\nb"\r\nc\n\nd').map(({ line, fields: [field] }) => [line, field])
  assert.deepEqual(lines, [
    [1, 'h'],
    [2, 'a\r\nb'],
    [4, 'c'],
    [6, 'd'],
  ])
})

test('an unclosed quote and text after a closing quote are faults', () => {
  assert.match(records('a\n"b\nc')[1]?.fault ?? '', /not closed/)
  assert.match(records('"a"b,c')[0]?.fault ?? '', /after a closing quote/)
  assert.equal(records('a"b,c')[0]?.fault, undefined)
})

test('an unclosed quote does not take the rest of the file as one field', () => {
  const [, long, ...rest] = records(`h\n"${'x'.repeat(70_000)}\nnext\n`)
  assert.match(long?.fault ?? '', /longer than 65536/)
  assert.deepEqual(
    rest.map(({ fields }) => fields),
    [['next']],
  )
})

test('the delimiter is the most frequent one in the header, outside quotes', () => {
  for (const [text, expected] of [
    ['a;b;c\n1,5;2,5;3,5', ';'],
    ['a,b\n1;2;3', ','],
    ['a\tb\n', '\t'],
    ['"a,b,c";d\n', ';'],
    ['single\n', ','],
    ['', ','],
  ] as const)
    assert.equal(detectDelimiter(text), expected, text)
})
