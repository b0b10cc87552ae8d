/** The file of packet events: complete, private, and never a reason for a transfer to fail. */
import assert from 'node:assert/strict'
import { readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTraceFile } from '../../../agent/files/trace-file.ts'
import { smallFileSystem, temporaryFolder } from '../../support/temporary-folder.ts'

test('every event becomes one line, in order, in a file that only its owner can read', async (t) => {
  const path = join(await temporaryFolder(t), 'trace.ndjson')
  const warnings: string[] = []
  const trace = await createTraceFile(path, (text) => warnings.push(text))
  const events = Array.from({ length: 20_000 }, (_, at) => ({ ms: at / 8, event: 'sent', tsn: at }))
  for (const [at, event] of events.entries()) {
    trace.record(event)
    // oxlint-disable-next-line no-await-in-loop -- lets a write begin between two events
    if (at % 5000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await trace.close()
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line): unknown => JSON.parse(line)),
    events,
  )
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.deepEqual(warnings, [])
})

test('an existing file is not overwritten and a symbolic link is not followed', async (t) => {
  const folder = await temporaryFolder(t)
  const [path, link] = [join(folder, 'taken'), join(folder, 'link')]
  await writeFile(path, 'old')
  await symlink(join(folder, 'elsewhere'), link)
  for (const taken of [path, link])
    await assert.rejects(
      createTraceFile(taken, () => {}),
      { code: 'file_exists' },
    )
  assert.equal(await readFile(path, 'utf8'), 'old')
  await assert.rejects(
    createTraceFile(join(folder, 'missing', 'trace'), () => {}),
    { code: 'not_writable' },
  )
})

test('a file without events is removed, so that the same command can be tried again', async (t) => {
  const path = join(await temporaryFolder(t), 'trace.ndjson')
  const trace = await createTraceFile(path, () => {})
  await trace.close()
  await assert.rejects(stat(path), { code: 'ENOENT' })
})

test('an event after the file was closed is ignored', async (t) => {
  const path = join(await temporaryFolder(t), 'trace.ndjson')
  const trace = await createTraceFile(path, () => {})
  trace.record({ event: 'first' })
  await trace.close()
  trace.record({ event: 'late' })
  await trace.close()
  assert.equal(await readFile(path, 'utf8'), '{"event":"first"}\n')
})

test('a full disk is reported once, and recording goes on without an error', async (t) => {
  const folder = await smallFileSystem(t, 'size=256k')
  if (folder === undefined) return
  const warnings: string[] = []
  const trace = await createTraceFile(join(folder, 'trace'), (text) => warnings.push(text))
  // A turn of the event loop is shorter than a write, so that events are recorded while one fails.
  for (let round = 0; round < 100; round++) {
    for (let at = 0; at < 1000; at++) trace.record({ event: 'sent', tsn: at, text: 'x'.repeat(40) })
    // oxlint-disable-next-line no-await-in-loop -- lets the writes go on
    await new Promise((resolve) => setImmediate(resolve))
  }
  await trace.close()
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /the disk is full/)
})

test('events that a slow disk cannot take are counted, not kept in memory', async (t) => {
  const path = join(await temporaryFolder(t), 'trace.ndjson')
  const warnings: string[] = []
  const trace = await createTraceFile(path, (text) => warnings.push(text))
  // Without a turn of the event loop in between no write can end.
  const event = { event: 'sent', text: 'x'.repeat(1_000_000) }
  for (let at = 0; at < 40; at++) trace.record(event)
  await trace.close()
  assert.match(warnings.join(), /^the trace is not complete: the disk was too slow for \d+ events$/)
  assert.ok((await stat(path)).size < 20_000_000)
})
