/** The state folder on each platform, and that nobody else may enter it. */
import assert from 'node:assert/strict'
import { chmod, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ensurePrivateFolder, stateFolder } from '../../../../agent/files/private/state-folder.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

test('each platform has its place, and an absolute XDG_STATE_HOME is preferred on all of them', () => {
  const places: [Parameters<typeof stateFolder>[0], NodeJS.Platform, string][] = [
    [{}, 'linux', '/home/a/.local/state/voltdrop'],
    [{ stateHome: '/var/lib/a' }, 'linux', '/var/lib/a/voltdrop'],
    [{ stateHome: 'relative' }, 'linux', '/home/a/.local/state/voltdrop'],
    [{ stateHome: '' }, 'freebsd', '/home/a/.local/state/voltdrop'],
    [{}, 'darwin', '/home/a/Library/Application Support/voltdrop'],
    [{ stateHome: '/var/lib/a' }, 'darwin', '/var/lib/a/voltdrop'],
    [{ localAppData: '/users/a/local' }, 'win32', '/users/a/local/voltdrop'],
    [{}, 'win32', '/home/a/AppData/Local/voltdrop'],
  ]
  for (const [environment, platform, expected] of places)
    assert.equal(stateFolder(environment, platform, '/home/a'), expected)
})

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
  assert.throws(() => ensurePrivateFolder('/dev/null/voltdrop'), {
    code: 'not_writable',
    detail: /^\/dev\/null\/voltdrop: /,
  })
  if (process.platform === 'linux')
    assert.throws(() => ensurePrivateFolder('/proc/voltdrop-test/voltdrop'), { code: 'not_writable' })
})
