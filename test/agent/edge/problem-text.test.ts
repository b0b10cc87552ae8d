import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemText } from '../../../agent/edge/problem-text.ts'

const title = 'A parameter is not valid.'

for (const [problem, text] of [
  [{ title }, 'A parameter is not valid'],
  [{ title, detail: 'at most 5' }, 'A parameter is not valid; at most 5'],
  [
    {
      title,
      errors: [
        { parameter: 'sort', detail: 'one of id' },
        { pointer: '/rows/1', detail: 'empty' },
      ],
    },
    'A parameter is not valid; sort: one of id; /rows/1: empty',
  ],
  [
    { title, errors: [{ header: 'if-match', detail: 'missing' }] },
    'A parameter is not valid; if-match: missing',
  ],
  [
    { title, errors: [{ pointer: '', detail: 'not JSON' }, { detail: 'x' }] },
    'A parameter is not valid; not JSON; x',
  ],
  [{ title, errors: 'none' }, 'A parameter is not valid'],
  [{ detail: 'no title' }, undefined],
  [null, undefined],
] as const) {
  test(`${JSON.stringify(problem)} is told in one line`, () => {
    assert.equal(problemText(problem), text)
  })
}
