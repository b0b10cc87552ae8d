/** Commands that are interrupted while they wait for a secret that nobody writes: they end at once. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type TestContext, test } from 'node:test'
import { parseArguments } from '../../../agent/command-line/arguments.ts'
import type { ImportCommand } from '../../../agent/command-line/arguments.ts'
import type { EdgeCommand } from '../../../agent/command-line/options/edge-options.ts'
import type { ReceiveCommand } from '../../../agent/command-line/options/receive-options.ts'
import { serveEdge } from '../../../agent/commands/edge-command.ts'
import { importCatalogue } from '../../../agent/commands/import-command.ts'
import { receive } from '../../../agent/commands/receive-command.ts'
import type { Context } from '../../../agent/context.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const URL = 'http://127.0.0.1:9'

async function endsWhenStopped(run: (context: Context) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  const running = run({
    terminal: { report: () => {}, clear: () => {} },
    keyboard: undefined,
    input: { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) },
    environment: {},
    signal: stop.signal,
  })
  const ended = assert.rejects(running, { code: 'cancelled' })
  await setImmediate()
  stop.abort()
  await ended
}

function typed<T>(...line: string[]): T {
  return parseArguments(line, {}) as unknown as T
}

/** A named pipe that is open for writing. */
async function silentPipe(t: TestContext): Promise<string> {
  const pipe = path.join(await temporaryFolder(t), 'secret')
  execFileSync('mkfifo', ['-m', '600', pipe])
  const writer = await open(pipe, constants.O_RDWR)
  t.after(async () => {
    // So that nothing waits for it any more.
    await writer.write('no secret\n')
    await writer.close()
  })
  return pipe
}

test('a code from standard input', async (t) => {
  const command = typed<ReceiveCommand>('receive', '--edge', URL, '-o', await temporaryFolder(t))
  await endsWhenStopped((context) => receive(command, context))
})

const skip = process.platform === 'win32' ? 'Windows has no named pipes among its files' : false

test('a code from a pipe', { skip }, async (t) => {
  const folder = await temporaryFolder(t)
  const pipe = await silentPipe(t)
  const command = typed<ReceiveCommand>('receive', '--edge', URL, '-o', folder, '--code-file', pipe)
  await endsWhenStopped((context) => receive(command, context))
})

test('a token from a pipe', { skip }, async (t) => {
  const pipe = await silentPipe(t)
  const importing = typed<ImportCommand>('import', 'a.csv', '--edge', URL, '--token-file', pipe)
  await endsWhenStopped((context) => importCatalogue(importing, context))
  const data = path.join(await temporaryFolder(t), 'data')
  const umask = process.umask()
  t.after(() => process.umask(umask))
  const serving = typed<EdgeCommand>('edge', '--data', data, '--token-file', pipe)
  await endsWhenStopped((context) => serveEdge(serving, context))
})
