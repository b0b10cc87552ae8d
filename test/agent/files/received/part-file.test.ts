/** Received files on a disk: nothing is overwritten, nothing is written outside the folder, nothing is left behind. */
import assert from 'node:assert/strict'
import { chmod, lstat, mkdir, readFile, readdir, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { VoltdropError } from '../../../../protocol/errors.ts'
import {
  createPartFile,
  openDestination,
  tryDestination,
} from '../../../../agent/files/received/part-file.ts'
import { smallFileSystem, temporaryFolder } from '../../../support/temporary-folder.ts'

const MIB = 1024 * 1024
const entry = { path: 'cells.csv', kind: 'file', size: 4, mtime_ms: 1_600_000_000_250 } as const
const bytes = Buffer.from('cell')

test('a published file has the content and time sent, is not executable, and is the only file in the folder', async (t) => {
  const folder = await temporaryFolder(t)
  const part = await openDestination(folder).create(entry)
  await part.write(0, bytes.subarray(0, 3))
  await part.write(3, bytes.subarray(3))
  assert.equal(await part.publish(), join(folder, 'cells.csv'))
  assert.deepEqual(await readdir(folder), ['cells.csv'])
  const published = await stat(join(folder, 'cells.csv'))
  assert.equal(published.mode & 0o777, 0o666 & ~process.umask())
  assert.equal(published.mtimeMs, 1_600_000_000_250)
  assert.equal(published.nlink, 1)
  assert.equal(await readFile(join(folder, 'cells.csv'), 'utf8'), 'cell')
})

test('an unpublished file is named .voltdrop-*.part and only its owner can read it', async (t) => {
  const folder = await temporaryFolder(t)
  const part = await openDestination(folder).create(entry)
  const names = await readdir(folder)
  assert.match(names.join(), /^\.voltdrop-[0-9a-f]{16}\.part$/)
  assert.equal((await stat(join(folder, names[0] ?? ''))).mode & 0o777, 0o600)
  await part.discard()
  assert.deepEqual(await readdir(folder), [])
})

test('discarding twice, or after publishing, removes nothing else', async (t) => {
  const folder = await temporaryFolder(t)
  const part = await createPartFile(folder, 'cells.csv', 4)
  await part.write(0, bytes)
  await part.publish()
  await part.discard()
  await part.discard()
  assert.deepEqual(await readdir(folder), ['cells.csv'])
})

test('discarding during a write leaves nothing behind', async (t) => {
  const folder = await temporaryFolder(t)
  const part = await createPartFile(folder, 'cells.csv', 8 * MIB)
  const writing = part.write(0, Buffer.alloc(8 * MIB)).catch((error: unknown) => error)
  await part.discard()
  await writing
  assert.deepEqual(await readdir(folder), [])
  await assert.rejects(part.publish())
  assert.deepEqual(await readdir(folder), [])
})

test('a file is saved under the name chosen here instead of the one offered', async (t) => {
  const folder = await temporaryFolder(t)
  const part = await openDestination(folder, 'mine.csv').create(entry)
  await part.write(0, bytes)
  assert.equal(await part.publish(), join(folder, 'mine.csv'))
})

test('a name with a path in it is refused, so no file is written outside the folder', async (t) => {
  const folder = await temporaryFolder(t)
  for (const name of ['../cells.csv', '/tmp/cells.csv', 'a/b', '..', '.', '']) {
    await assert.rejects(createPartFile(folder, name, 4), { code: 'usage' })
  }
  assert.deepEqual(await readdir(folder), [])
})

for (const kind of ['file', 'folder', 'symbolic link', 'dangling link'] as const) {
  test(`an existing ${kind} of that name is refused at once and stays unchanged`, async (t) => {
    const folder = await temporaryFolder(t)
    const path = join(folder, 'cells.csv')
    const target = join(folder, 'other')
    if (kind === 'file') await writeFile(path, 'old')
    else if (kind === 'folder') await mkdir(path)
    else await symlink(target, path)
    if (kind === 'symbolic link') await writeFile(target, 'old')
    const before = await readdir(folder)
    await assert.rejects(openDestination(folder).create(entry), { code: 'file_exists', detail: path })
    assert.deepEqual(await readdir(folder), before)
    if (kind === 'file' || kind === 'symbolic link') assert.equal(await readFile(path, 'utf8'), 'old')
  })
}

test('a file, link or folder that takes the name during the transfer is not overwritten', async (t) => {
  for (const take of [
    (path: string) => writeFile(path, 'old'),
    (path: string) => symlink(`${path}.elsewhere`, path),
    (path: string) => mkdir(path),
  ]) {
    const folder = await temporaryFolder(t)
    const part = await openDestination(folder).create(entry)
    await part.write(0, bytes)
    await take(join(folder, 'cells.csv'))
    await assert.rejects(part.publish(), { code: 'file_exists' })
    await part.discard()
    assert.deepEqual(await readdir(folder), ['cells.csv'])
  }
})

test('when two receivers publish one name, exactly one succeeds and its file is complete', async (t) => {
  const folder = await temporaryFolder(t)
  for (let round = 0; round < 20; round++) {
    const name = `${round}.csv`
    const parts = await Promise.all([createPartFile(folder, name, 4), createPartFile(folder, name, 4)])
    await Promise.all(parts.map((part, index) => part.write(0, Buffer.from(index === 0 ? 'aaaa' : 'bbbb'))))
    const results = await Promise.allSettled(parts.map((part) => part.publish()))
    await Promise.all(parts.map((part) => part.discard()))
    const winner = results.findIndex((result) => result.status === 'fulfilled')
    const loser = results.find((result) => result.status === 'rejected')
    assert.equal(loser?.reason.code, 'file_exists')
    assert.equal(await readFile(join(folder, name), 'utf8'), winner === 0 ? 'aaaa' : 'bbbb')
    assert.equal((await readdir(folder)).length, round + 1)
  }
})

test('a time before 1970 is kept', async (t) => {
  const folder = await temporaryFolder(t)
  const part = await openDestination(folder).create({ ...entry, mtime_ms: -150_000_000_250 })
  await part.write(0, bytes)
  assert.equal((await stat(await part.publish())).mtimeMs, -150_000_000_250)
})

test('a received file has the permissions that the umask leaves', async (t) => {
  const folder = await temporaryFolder(t)
  const before = process.umask(0o002)
  t.after(() => process.umask(before))
  for (const umask of [0o002, 0o022, 0o077]) {
    process.umask(umask)
    const part = await createPartFile(folder, `${umask}.csv`, 4)
    await part.write(0, bytes)
    assert.equal((await stat(await part.publish())).mode & 0o777, 0o666 & ~umask)
  }
})

test('a destination that is a symbolic link, a file or missing is refused', async (t) => {
  const folder = await temporaryFolder(t)
  await mkdir(join(folder, 'real'))
  await symlink('real', join(folder, 'link'))
  await writeFile(join(folder, 'file'), '')
  const reasons = {
    link: 'is a symbolic link',
    'link/': 'is a symbolic link',
    file: 'is not a folder',
    missing: 'no such file or folder',
  }
  for (const [name, reason] of Object.entries(reasons)) {
    await assert.rejects(openDestination(`${folder}/${name}`).create(entry), (error: VoltdropError) => {
      return error.code === 'not_writable' && error.detail?.includes(reason) === true
    })
  }
  assert.deepEqual(await readdir(join(folder, 'real')), [])
})

test('a folder replaced by a symbolic link during the transfer fails the file, and the target stays empty', async (t) => {
  const folder = await temporaryFolder(t)
  const [inbox, elsewhere] = [join(folder, 'inbox'), join(folder, 'elsewhere')]
  await mkdir(inbox)
  await mkdir(elsewhere)
  const part = await openDestination(inbox).create(entry)
  await part.write(0, bytes)
  await rename(inbox, join(folder, 'moved'))
  await symlink(elsewhere, inbox)
  await assert.rejects(part.publish(), { code: 'not_writable' })
  await part.discard()
  assert.deepEqual(await readdir(elsewhere), [])
})

test('a destination is tried without a name of this program in any message', async (t) => {
  const folder = await temporaryFolder(t)
  await tryDestination(folder)
  await tryDestination(folder, 'cells.csv', 4)
  assert.deepEqual(await readdir(folder), [])
  await assert.rejects(tryDestination(join(folder, 'missing')), (error: VoltdropError) => {
    return error.code === 'not_writable' && !`${error.detail}`.includes('.voltdrop')
  })
})

test('a read-only folder is refused as not_writable', async (t) => {
  const isRoot = process.getuid?.() === 0
  const folder = isRoot ? await smallFileSystem(t, 'ro,size=40m') : await temporaryFolder(t)
  if (folder === undefined) return
  if (!isRoot) await chmod(folder, 0o555)
  await assert.rejects(openDestination(folder).create(entry), { code: 'not_writable' })
})

test('a file larger than the free space is refused before anything is written', async (t) => {
  const folder = await smallFileSystem(t, 'size=20m')
  if (folder === undefined) return
  await assert.rejects(createPartFile(folder, 'large', 19 * MIB), { code: 'disk_full' })
  for (const size of [2 ** 50, Number.MAX_SAFE_INTEGER]) {
    await assert.rejects(createPartFile(folder, 'large', size), { code: 'disk_full' })
  }
  assert.deepEqual(await readdir(folder), [])
  const fits = await createPartFile(folder, 'small', 3 * MIB)
  await fits.discard()
})

test('a file system smaller than the usual reserve takes a small file', async (t) => {
  const folder = await smallFileSystem(t, 'size=2m')
  if (folder === undefined) return
  await (await createPartFile(folder, 'cells.csv', MIB)).discard()
  await assert.rejects(createPartFile(folder, 'cells.csv', 2 * MIB - 1), { code: 'disk_full' })
})

test('a disk that fills up during the transfer fails the file with disk_full, and the part file is removed', async (t) => {
  const folder = await smallFileSystem(t, 'size=20m')
  if (folder === undefined) return
  const part = await createPartFile(folder, 'cells.csv', 4 * MIB)
  await part.write(0, Buffer.alloc(MIB))
  await writeFile(join(folder, 'other'), Buffer.alloc(18 * MIB))
  await assert.rejects(part.write(MIB, Buffer.alloc(3 * MIB)), { code: 'disk_full' })
  await part.discard()
  assert.deepEqual(await readdir(folder), ['other'])
  assert.equal((await lstat(join(folder, 'other'))).size, 18 * MIB)
})
