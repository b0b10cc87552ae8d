/** A command line as it is typed. */
import assert from 'node:assert/strict'
import { parseArguments } from '../../../agent/command-line/arguments.ts'
import { VoltdropError } from '../../../protocol/errors.ts'

export function parse(line: string, environment = {}): unknown {
  return parseArguments(
    line.split(' ').filter((word) => word !== ''),
    environment,
  )
}

/** The detail of the `usage` error. */
export function refused(line: string, environment = {}): string {
  try {
    parse(line, environment)
  } catch (error) {
    assert.ok(error instanceof VoltdropError, String(error))
    assert.equal(error.code, 'usage')
    return error.detail ?? ''
  }
  return assert.fail(`${line} was accepted`)
}
