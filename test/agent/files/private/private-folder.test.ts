/** Folders of this program, which nobody else may enter. */
import assert from 'node:assert/strict'
import { chmod, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ensurePrivateFolder } from '../../../../agent/files/private/private-folder.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

test('the folder is made for its owner only, and one that others may enter is closed to them', async (t) => {
  if (process.platform === 'win32') return t.skip('Windows has no file modes')
  const home = await temporaryFolder(t)
  const fresh = join(home, 'state', 'voltdrop')
  ensurePrivateFolder(fresh)
  assert.equal((await stat(fresh)).mode & 0o777, 0o700)
  const open = join(home, 'open')
  await mkdir(open)
  await chmod(open, 0o777)
  ensurePrivateFolder(open)
  assert.equal((await stat(open)).mode & 0o777, 0o700)
})

test('a place where no folder can be made is named', async (t) => {
  const home = await temporaryFolder(t)
  ensurePrivateFolder(home)
  // /proc says that a folder is missing whatever is made above it.
  for (const path of ['/dev/null/voltdrop', '/proc/none/voltdrop'])
    assert.throws(() => ensurePrivateFolder(path), {
      code: 'not_writable',
      detail: new RegExp(`^${path}: `),
    })
})
