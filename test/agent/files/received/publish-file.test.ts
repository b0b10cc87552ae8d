/** How a file gets its name: on every kind of file system, never over another file, and never another file's content. */
import assert from 'node:assert/strict'
import { chown, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { createPartFile } from '../../../../agent/files/received/part-file.ts'
import { type NamingCalls, systemNaming } from '../../../../agent/files/received/publish-file.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const bytes = Buffer.from('cell')

/** A file system that refuses hard links with `code`. */
function withoutLinks(code: string): NamingCalls {
  return { ...systemNaming, link: async () => Promise.reject(Object.assign(new Error(code), { code })) }
}

for (const code of ['EPERM', 'EACCES', 'EISDIR', 'EXDEV', 'EOPNOTSUPP', 'EWHATEVER']) {
  test(`where links are refused with ${code}, a free name is claimed and replaced, and a taken one is left alone`, async (t) => {
    const folder = await temporaryFolder(t)
    const part = await createPartFile(folder, 'cells.csv', 4, undefined, withoutLinks(code))
    assert.equal((await readdir(folder)).length, 1, 'only the part file')
    await part.write(0, bytes)
    await part.publish()
    assert.deepEqual(await readdir(folder), ['cells.csv'])
    assert.equal(await readFile(join(folder, 'cells.csv'), 'utf8'), 'cell')
    const late = await createPartFile(folder, 'late.csv', 4, undefined, withoutLinks(code))
    await late.write(0, bytes)
    await writeFile(join(folder, 'late.csv'), 'old')
    await assert.rejects(late.publish(), { code: 'file_exists' })
    await late.discard()
    assert.equal(await readFile(join(folder, 'late.csv'), 'utf8'), 'old')
    assert.deepEqual((await readdir(folder)).toSorted(), ['cells.csv', 'late.csv'])
  })
}

test('links that are refused only after the transfer cost no file either', async (t) => {
  const folder = await temporaryFolder(t)
  let calls = 0
  const link: NamingCalls['link'] = (from, to) =>
    (calls++ === 0 ? systemNaming : withoutLinks('EIO')).link(from, to)
  const part = await createPartFile(folder, 'cells.csv', 4, undefined, { ...systemNaming, link })
  await part.write(0, bytes)
  await part.publish()
  assert.deepEqual([calls, await readdir(folder)], [2, ['cells.csv']])
})

test('a destination in which no file can get a name is refused before anything is written', async (t) => {
  const folder = await temporaryFolder(t)
  const rename = withoutLinks('EPERM').link
  const starting = createPartFile(folder, 'cells.csv', 4, undefined, { ...withoutLinks('EPERM'), rename })
  await assert.rejects(starting, {
    code: 'not_writable',
    detail: `${join(folder, 'cells.csv')}: not permitted`,
  })
  assert.deepEqual(await readdir(folder), [])
})

test('a name that the file system finds too long is refused before anything is written', async (t) => {
  const folder = await temporaryFolder(t)
  await assert.rejects(createPartFile(folder, `${'x'.repeat(252)}.csv`, 4), {
    code: 'not_writable',
    detail: /too long for this file system/,
  })
  /** A file system that encrypts names takes shorter ones, and may say so only when the name is given. */
  const tooLong: NamingCalls['link'] = (from, to) =>
    (Buffer.byteLength(basename(to)) > 143 ? withoutLinks('ENAMETOOLONG') : systemNaming).link(from, to)
  const open: NamingCalls['open'] = async (path, flags, mode) => {
    await tooLong(`${folder}/missing`, path).catch((error: Error & { code: string }) => {
      if (error.code === 'ENAMETOOLONG') throw error
    })
    return systemNaming.open(path, flags, mode)
  }
  const calls = { ...systemNaming, link: tooLong, open }
  for (const name of [`${'x'.repeat(140)}.csv`, 'é'.repeat(72)]) {
    // oxlint-disable-next-line no-await-in-loop -- one name after the other
    await assert.rejects(createPartFile(folder, name, 4, undefined, calls), { detail: /too long/ })
  }
  await (await createPartFile(folder, `${'x'.repeat(139)}.csv`, 4, undefined, calls)).discard()
  await (await createPartFile(folder, 'x'.repeat(255), 4)).discard()
  assert.deepEqual(await readdir(folder), [])
})

test('a file that was put in the place of the part file is not taken for the one received', async (t) => {
  const folder = await temporaryFolder(t)
  for (const other of ['evil', 'longer than it']) {
    // oxlint-disable no-await-in-loop -- one file after the other
    const name = `${other.length}.csv`
    const part = await createPartFile(folder, name, 4)
    await part.write(0, bytes)
    const partPath = join(folder, (await readdir(folder)).find((found) => found.endsWith('.part')) ?? '')
    await writeFile(`${partPath}.new`, other)
    await rename(`${partPath}.new`, partPath)
    await assert.rejects(part.publish(), { code: 'swapped', detail: join(folder, name) })
    await part.discard()
    assert.equal(await readFile(join(folder, name), 'utf8'), other, 'it is left alone')
  }
})

test('the same bytes under another number are the same file, unless they are of another user', async (t) => {
  const folder = await temporaryFolder(t)
  const isRoot = process.getuid?.() === 0
  for (const owner of isRoot ? [0, 65_534] : [process.getuid?.() ?? 0]) {
    const part = await createPartFile(folder, `${owner}.csv`, 4)
    await part.write(0, bytes)
    const partPath = join(folder, (await readdir(folder)).find((found) => found.endsWith('.part')) ?? '')
    await writeFile(`${partPath}.new`, bytes)
    if (isRoot) await chown(`${partPath}.new`, owner, owner)
    await rename(`${partPath}.new`, partPath)
    if (owner === 65_534) await assert.rejects(part.publish(), { code: 'swapped' })
    else await part.publish()
    await part.discard()
  }
})
