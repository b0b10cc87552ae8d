/** The closed set of failures, in code and in PROTOCOL.md. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { asVoltdropError, failureCodes, isFailure, VoltdropError } from '../../protocol/errors.ts'

test('PROTOCOL.md names every failure code, and each has one sentence and a next step', async () => {
  const page = await readFile(path.resolve(import.meta.dirname, '../../PROTOCOL.md'), 'utf8')
  const [table = ''] = /^\| the cause is[\s\S]*?\n\n/m.exec(page) ?? []
  const named = [...table.matchAll(/`(\w+)`/g)].map(([, code = '']) => code)
  assert.deepEqual(named.toSorted(), failureCodes.toSorted())
  for (const code of failureCodes) {
    assert.match(new VoltdropError(code).message, /^[A-Z][^.]+\.$/, code)
    for (const reader of [undefined, 'sender', 'receiver'] as const)
      for (const isReported of [false, true])
        assert.match(new VoltdropError(code, undefined, { isReported }).nextFor(reader), /^[A-Z].+\.$/, code)
  }
})

test('only the known failure codes are accepted', () => {
  assert.ok(isFailure('corrupt'))
  for (const value of ['toString', '', 4, undefined, 'Corrupt']) assert.ok(!isFailure(value))
})

test('any other error is wrapped with the original as its cause', () => {
  const cause = new TypeError('x')
  assert.equal(asVoltdropError(cause).cause, cause)
  assert.equal(asVoltdropError(cause, 'no_path').code, 'no_path')
})

test('advice is for the side that reads it, and for the side on which it failed', () => {
  const there = { isReported: true }
  for (const code of ['file_exists', 'not_writable', 'disk_full', 'too_large'] as const) {
    assert.match(new VoltdropError(code, undefined, there).nextFor('sender'), /^Ask the receiver/, code)
    assert.doesNotMatch(new VoltdropError(code).nextFor('receiver'), /^Ask the receiver/, code)
  }
  for (const code of ['source_changed', 'source_unreadable'] as const) {
    assert.match(new VoltdropError(code, undefined, there).nextFor('receiver'), /^Ask the sender/, code)
    assert.doesNotMatch(new VoltdropError(code).nextFor('sender'), /^Ask/, code)
  }
  for (const code of failureCodes) {
    const advice = new VoltdropError(code).nextFor('receiver')
    if (/\bsend(?:s| it)? again/i.test(advice)) assert.match(advice, /sender/, code)
  }
  // What an export or an import ends with.
  for (const code of ['interrupted', 'source_changed', 'disk_full', 'file_exists', 'not_writable'] as const)
    assert.doesNotMatch(new VoltdropError(code).nextFor(), /[Ss]end it|[Ss]end again|receiver|sender/, code)
})
