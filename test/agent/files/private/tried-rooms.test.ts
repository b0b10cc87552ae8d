/** Notes of rooms in which a code was tried: who is refused, for how long, and what is on disk. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { TriedRooms } from '../../../../agent/files/private/tried-rooms.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const edge = new URL('https://edge.example/')
const MINUTE_MS = 60_000
const START_MS = Date.UTC(2026, 0, 1)

/** Notes in an empty folder, with a clock that the test sets. */
async function emptyNotes(t: TestContext) {
  const state = join(await temporaryFolder(t), 'voltdrop')
  const clock = { nowMs: START_MS }
  const tried = new TriedRooms(state, () => clock.nowMs)
  const folder = join(state, 'tried-rooms')
  return { tried, clock, state, folder, names: () => readdir(folder) }
}

test('a room that was tried is refused for ten minutes, in every process, and no other room is', async (t) => {
  const { tried, clock, state } = await emptyNotes(t)
  tried.refuseTried(edge, 7)
  tried.note(edge, 7)
  clock.nowMs += 10 * MINUTE_MS - 1
  const later = new TriedRooms(state, () => clock.nowMs)
  for (const notes of [tried, later])
    assert.throws(() => notes.refuseTried(edge, 7), { code: 'code_spent', detail: /room 7 .* 1 min/ })
  tried.refuseTried(edge, 77)
  tried.refuseTried(new URL('https://other.example/'), 7)
  tried.refuseTried(new URL('https://edge.example/below/'), 7)
  clock.nowMs += 1
  tried.refuseTried(edge, 7)
})

test('a note has edge, room and time in a file that only its owner may read, and nothing else', async (t) => {
  const { tried, folder, names } = await emptyNotes(t)
  tried.note(edge, 7)
  const [name = '', ...others] = await names()
  assert.deepEqual(others, [])
  assert.match(name, /^[0-9a-f]{32}\.[0-9a-f]{16}$/)
  assert.equal(await readFile(join(folder, name), 'utf8'), 'https://edge.example/rooms/7\n')
  const { mode, mtimeMs } = await stat(join(folder, name))
  assert.equal(mtimeMs, START_MS)
  if (process.platform !== 'win32') {
    assert.equal(mode & 0o777, 0o600)
    assert.equal((await stat(folder)).mode & 0o777, 0o700)
  }
})

test('a second process that notes the same room is refused', async (t) => {
  const { tried, state } = await emptyNotes(t)
  tried.note(edge, 7)
  assert.throws(() => new TriedRooms(state, () => START_MS).note(edge, 7), { code: 'code_spent' })
})

test('of processes that note a room at the same moment at most one goes on', async (t) => {
  const { state } = await emptyNotes(t)
  const module = resolve(import.meta.dirname, '../../../../agent/files/private/tried-rooms.ts')
  // They wait for one moment, because one process starts more slowly than another notes.
  const script = `
    const { TriedRooms } = await import(${JSON.stringify(module)})
    const tried = new TriedRooms(${JSON.stringify(state)})
    await new Promise((resolve) => setTimeout(resolve, ${Date.now() + 1_500} - Date.now()))
    try { tried.note(new URL('https://edge.example/'), 7); console.log('goes on') }
    catch (error) { console.log(error.code) }`
  const runs = [1, 2].map(() =>
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]),
  )
  const ends = (await Promise.all(runs)).map(({ stdout }) => stdout.trim())
  assert.ok(ends.includes('code_spent'), ends.join())
})

test('old notes are removed, and never more than a thousand kept', async (t) => {
  const { tried, clock, folder, names } = await emptyNotes(t)
  tried.note(edge, 1)
  clock.nowMs += 10 * MINUTE_MS
  tried.note(edge, 2)
  assert.equal((await names()).length, 1)
  const many = Array.from({ length: 1_000 }, (_, at) => `${String(at).padStart(32, '0')}.${'0'.repeat(16)}`)
  await Promise.all(many.map((name) => writeFile(join(folder, name), '')))
  clock.nowMs = Date.now() + MINUTE_MS
  tried.note(edge, 3)
  assert.equal((await names()).length, 1_000)
  assert.throws(() => tried.refuseTried(edge, 3), { code: 'code_spent' })
})

test('a note from the future, after the clock was set back, is refused for ten minutes and no longer', async (t) => {
  const { tried, clock } = await emptyNotes(t)
  clock.nowMs += 1_000 * MINUTE_MS
  tried.note(edge, 7)
  clock.nowMs = START_MS
  assert.throws(() => tried.refuseTried(edge, 7), { code: 'code_spent' })
  clock.nowMs += 10 * MINUTE_MS
  tried.refuseTried(edge, 7)
})

test('whatever else lies in the folder neither refuses a room nor is touched', async (t) => {
  const { tried, folder, names } = await emptyNotes(t)
  tried.note(edge, 7)
  await writeFile(join(folder, 'README'), 'mine')
  await mkdir(join(folder, `${'0'.repeat(32)}.${'1'.repeat(16)}`))
  await symlink('nowhere', join(folder, `${'0'.repeat(32)}.${'2'.repeat(16)}`))
  tried.refuseTried(edge, 8)
  tried.note(edge, 8)
  assert.ok((await names()).includes('README'))
})

test('where no note can be made, that is an error of its own, and nothing is refused', () => {
  const tried = new TriedRooms('/dev/null')
  tried.refuseTried(edge, 7)
  assert.throws(() => tried.note(edge, 7), { code: 'not_writable' })
})
