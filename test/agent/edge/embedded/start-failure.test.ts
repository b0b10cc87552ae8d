/** Why workerd did not start, in words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startFailure } from '../../../../agent/edge/embedded/start-failure.ts'
import { failsAs } from '../../../support/edge/fake-edge.ts'

function runtimeFailure(stderr: string): Error {
  const text = `The Workers runtime failed to start.\nRuntime stderr:\n${stderr}`
  return Object.assign(new Error(text), { code: 'ERR_RUNTIME_FAILURE' })
}

test('what workerd said last is the reason, without its log format, and escaped', () => {
  const plain = startFailure(runtimeFailure('a library\u001b[2J is missing\nmore'), '/data')
  assert.ok(failsAs('not_possible_here', /^workerd did not start: a library\\u\{1b\}\[2J is missing$/)(plain))
  const mute = startFailure(Object.assign(new Error('ended'), { code: 'ERR_RUNTIME_FAILURE' }), '/data')
  assert.ok(failsAs('not_possible_here', /it ended at once/)(mute))
})

test('a database that cannot be used is named with its folder', () => {
  const message =
    '*** Uncaught exception ***\nworkerd/util/sqlite.c++:910: failed: SQLite failed; dbErrorMessage(prepareResult, db) = file is not a database: SQLITE_NOTADB'
  const failure = startFailure(runtimeFailure(JSON.stringify({ level: 'error', message })), '/data')
  assert.ok(
    failsAs('not_writable', /^the database in \/data: file is not a database: SQLITE_NOTADB$/)(failure),
  )
})

test('any other error stays what it is', () => {
  const error = new TypeError('a mistake')
  assert.equal(startFailure(error, '/data'), error)
})
