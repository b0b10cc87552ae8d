/** Names given twice and deep nesting are found in any JSON, and nothing else is reported. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonFault } from '../../../workers/http/json-faults.ts'

const depth = 4

const sound = [
  '{}',
  '[]',
  '7',
  '{"a": {"a": {"a": 1}}}',
  '[{"a": 1}, {"a": 1}]',
  '{"a": "b: {\\"a\\": 1}, \\"a\\"", "b": ["a", "a"]}',
  '{"a": "a", "b": "a"}',
  '[[[["deep enough"]]]]',
]

for (const text of sound) {
  test(`${text} has no fault`, () => {
    assert.equal(jsonFault(text, depth), undefined)
  })
}

const faulty: [string, string, string][] = [
  ['{"a": 1, "a": 1}', '/a', 'given more than once'],
  ['{"a": {"b": [0, {"c": 1, "d": 2, "c": 3}]}}', '/a/b/1/c', 'given more than once'],
  ['{"a/b~": 1, "a/b~": 2}', '/a~1b~0', 'given more than once'],
  ['{"\\u0061": 1, "a": 2}', '/a', 'given more than once'],
  ['[[[[[]]]]]', '/0/0/0/0', 'nested deeper than 4'],
  ['{"a": {"b": {"c": {"d": {}}}}}', '/a/b/c/d', 'nested deeper than 4'],
]

for (const [text, pointer, detail] of faulty) {
  test(`${text} is at fault at ${pointer}`, () => {
    assert.deepEqual(jsonFault(text, depth), { pointer, detail })
  })
}
