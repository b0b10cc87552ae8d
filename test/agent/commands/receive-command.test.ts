/** How `receive` gets its code. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type TestContext, test } from 'node:test'
import { parseArguments } from '../../../agent/command-line/arguments.ts'
import type { ReceiveCommand } from '../../../agent/command-line/options/receive-options.ts'
import { receive } from '../../../agent/commands/receive-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** How it ends when it is interrupted while it waits for a code that nobody writes into `input` or the pipe of `words`. */
async function interrupted(t: TestContext, words: readonly string[], input: AsyncIterable<string>) {
  const line = ['receive', '--edge', 'http://127.0.0.1:9', '-o', await temporaryFolder(t), ...words]
  const command = parseArguments(line, {}) as unknown as ReceiveCommand
  const stop = new AbortController()
  const receiving = receive(command, {
    terminal: { report: () => {}, clear: () => {} },
    keyboard: undefined,
    input,
    environment: {},
    signal: stop.signal,
  })
  const ended = assert.rejects(receiving, { code: 'cancelled' })
  await setImmediate()
  stop.abort()
  await ended
}

test('an interruption ends the wait for a code that nobody sends', async (t) => {
  await interrupted(t, [], {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }),
  })
  if (process.platform === 'win32') return
  const pipe = path.join(await temporaryFolder(t), 'code')
  execFileSync('mkfifo', ['-m', '600', pipe])
  // Both ends are open, so it waits for the first byte.
  const writer = await open(pipe, constants.O_RDWR)
  t.after(() => writer.close())
  await interrupted(t, ['--code-file', pipe], (async function* () {})())
  await writer.write('no code\n')
})
