/** The closed set of failures, in code and in PROTOCOL.md. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { asVoltdropError, failureCodes, isFailure, VoltdropError } from '../../protocol/errors.ts'

test('PROTOCOL.md names every failure code, and each has one sentence and a next step', async () => {
  const page = await readFile(path.resolve(import.meta.dirname, '../../PROTOCOL.md'), 'utf8')
  for (const code of failureCodes) {
    assert.ok(page.includes(`\`${code}\``), code)
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
