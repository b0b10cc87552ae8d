/** Files to send: regular files only, and unchanged since they were opened. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import {
  appendFile,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openSource } from '../../../agent/files/source-file.ts'
import { nodePrimitives } from '../../../agent/primitives.ts'
import type { SourceFile } from '../../../peer/files.ts'
import { FileDigest, type FileSums } from '../../../peer/transfer/file-digest.ts'
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
  assert.deepEqual([source.name, source.ownName], ['what_.csv', '.what?.csv'])
  await source.close()
  const decomposed = await openSource(await sampleFile(t, 'Re\u0301sume\u0301.csv'))
  assert.deepEqual([decomposed.name, decomposed.ownName], ['R\u00e9sum\u00e9.csv', undefined])
  await decomposed.close()
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

test('a folder is called one, with what to do about it', async (t) => {
  await assert.rejects(openSource(await temporaryFolder(t)), { detail: /is a folder: pack it into one file/ })
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
  ['is removed', (path) => rm(path)],
  ['is replaced by a folder', (path) => rm(path).then(() => mkdir(path))],
  [
    'is replaced by another of the same size and time',
    async (path) => {
      await writeFile(`${path}.new`, 'abcdefghij')
      await utimes(`${path}.new`, 1_600_000_000, 1_600_000_000)
      await rename(`${path}.new`, path)
    },
  ],
]

async function sumsOf(source: SourceFile): Promise<FileSums> {
  const digest = new FileDigest(nodePrimitives)
  digest.update(await source.read(0, source.size))
  return digest.sums()
}

for (const [what, change] of changes) {
  test(`a source that ${what} is reported as changed`, async (t) => {
    const path = await sampleFile(t)
    await utimes(path, 1_600_000_000, 1_600_000_000)
    const source = await openSource(path)
    await source.verifyUnchanged()
    const sums = await sumsOf(source)
    await source.verifyUnchanged(sums)
    await change(path)
    await assert.rejects(source.verifyUnchanged(sums), { code: 'source_changed' })
    await source.close()
  })
}

test('another identity or time of the same bytes is no change', async (t) => {
  const path = await sampleFile(t)
  const source = await openSource(path)
  const sums = await sumsOf(source)
  await utimes(path, 1, 1)
  await source.verifyUnchanged(sums)
  await writeFile(`${path}.new`, '0123456789')
  await rename(`${path}.new`, path)
  await source.verifyUnchanged()
  await source.verifyUnchanged(sums)
  await source.close()
})

test('a file whose size the system does not know is sent with all that is in it', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs /proc')
  const source = await openSource('/proc/self/limits')
  assert.equal((await stat('/proc/self/limits')).size, 0)
  const sent = Buffer.from(await source.read(0, source.size)).toString()
  assert.equal(sent, await readFile('/proc/self/limits', 'utf8'))
  assert.match(sent, /Max open files/)
  await source.verifyUnchanged(await sumsOf(source))
  await source.close()
  if (!existsSync('/sys/class/net/lo/mtu')) return
  const short = await openSource('/sys/class/net/lo/mtu')
  assert.match(Buffer.from(await short.read(0, short.size)).toString(), /^\d+\n$/)
  await short.close()
})

test('a file without end, whose size the system does not know, is refused', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs /proc')
  await assert.rejects(openSource('/proc/self/pagemap'), { code: 'source_unreadable', detail: /send a copy/ })
})

test('a file whose name is not UTF-8 is found, in a folder whose name is not UTF-8 either', async (t) => {
  if (process.platform !== 'linux') return t.skip('other systems have no such names')
  const folder = Buffer.concat([Buffer.from(await temporaryFolder(t)), Buffer.from('/d\xfc', 'latin1')])
  await mkdir(folder)
  const path = Buffer.concat([folder, Buffer.from('/caf\xe9.csv', 'latin1')])
  await writeFile(path, '0123456789')
  const source = await openSource(path.toString())
  assert.deepEqual([source.name, source.ownName, source.size], ['caf_.csv', 'caf\ufffd.csv', 10])
  await source.verifyUnchanged()
  await source.close()
  await writeFile(Buffer.concat([folder, Buffer.from('/caf\xe8.csv', 'latin1')]), '')
  await assert.rejects(
    openSource(path.toString()),
    { code: 'source_unreadable' },
    'two files are meant by it',
  )
})

test('reading beyond the end of a source that was truncated reports it as changed', async (t) => {
  const path = await sampleFile(t)
  const source = await openSource(path)
  await truncate(path, 5)
  assert.equal((await source.read(0, 5)).length, 5)
  await assert.rejects(source.read(0, 6), { code: 'source_changed' })
  await source.close()
})
