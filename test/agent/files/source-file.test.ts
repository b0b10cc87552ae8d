/** Files to send: regular files only, and unchanged since they were opened. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openSource } from '../../../agent/files/source-file.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

async function sampleFile(t: TestContext, name = 'cells.csv'): Promise<string> {
  const path = join(await temporaryFolder(t), name)
  await writeFile(path, '0123456789')
  return path
}

test('a source returns exactly the bytes asked for, and its name, size and time', async (t) => {
  const path = await sampleFile(t)
  await utimes(path, 1_700_000_000.25, 1_700_000_000.25)
  const source = await openSource(path)
  assert.deepEqual([source.name, source.size, source.mtimeMs], ['cells.csv', 10, 1_700_000_000_250])
  assert.equal(Buffer.from(await source.read(3, 4)).toString(), '3456')
  await source.verifyUnchanged()
  await source.close()
})

test('a source can be offered under another name, unless that name is unsafe', async (t) => {
  const path = await sampleFile(t)
  const source = await openSource(path, 'other.csv')
  assert.equal(source.name, 'other.csv')
  await source.close()
  await assert.rejects(openSource(path, '../other.csv'), { code: 'usage' })
})

test('a source with an unsafe name is offered under the nearest safe one', async (t) => {
  const source = await openSource(await sampleFile(t, '.what?.csv'))
  assert.equal(source.name, 'what_.csv')
  await source.close()
})

test('a path that is not a readable regular file is refused, and the error names it', async (t) => {
  const folder = await temporaryFolder(t)
  await symlink('nowhere', join(folder, 'dangling'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  for (const path of [
    join(folder, 'missing'),
    folder,
    '/dev/null',
    join(folder, 'pipe'),
    join(folder, 'dangling'),
  ]) {
    await assert.rejects(openSource(path), (error: Error & { code: string; detail: string }) => {
      return error.code === 'source_unreadable' && error.detail.includes(path)
    })
  }
})

test('an empty file can be sent', async (t) => {
  const path = join(await temporaryFolder(t), 'empty')
  await writeFile(path, '')
  const source = await openSource(path)
  assert.equal(source.size, 0)
  await source.close()
})

const changes: [string, (path: string) => Promise<void>][] = [
  ['grows', (path) => appendFile(path, 'x')],
  ['shrinks', (path) => truncate(path, 9)],
  ['is written with the same size', (path) => writeFile(path, 'abcdefghij')],
  ['gets another time', (path) => utimes(path, 1, 1)],
  ['is removed', (path) => rm(path)],
  ['is replaced by a folder', (path) => rm(path).then(() => mkdir(path))],
  [
    'is replaced by a copy of the same size and time',
    async (path) => {
      await writeFile(`${path}.new`, '0123456789')
      await utimes(`${path}.new`, 1_600_000_000, 1_600_000_000)
      await rename(`${path}.new`, path)
    },
  ],
]

for (const [what, change] of changes) {
  test(`a source that ${what} is reported as changed`, async (t) => {
    const path = await sampleFile(t)
    await utimes(path, 1_600_000_000, 1_600_000_000)
    const source = await openSource(path)
    await source.verifyUnchanged()
    await change(path)
    await assert.rejects(source.verifyUnchanged(), { code: 'source_changed' })
    await source.close()
  })
}

test('reading beyond the end of a source that was truncated reports it as changed', async (t) => {
  const path = await sampleFile(t)
  const source = await openSource(path)
  await truncate(path, 5)
  assert.equal((await source.read(0, 5)).length, 5)
  await assert.rejects(source.read(0, 6), { code: 'source_changed' })
  await source.close()
})
