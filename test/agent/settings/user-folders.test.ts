/** The folders that outlast a run, on each system. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configFolder, dataFolder, stateFolder } from '../../../agent/settings/user-folders.ts'

const linux = { platform: 'linux', home: '/home/a' } as const
const mac = { platform: 'darwin', home: '/Users/a' } as const
const windows = { platform: 'win32', home: 'C:\\Users\\a' } as const

test('each system has its own places', () => {
  for (const [folderOf, ...expected] of [
    [
      configFolder,
      '/home/a/.config/voltdrop',
      '/Users/a/Library/Application Support/voltdrop',
      'C:\\Users\\a\\AppData\\Roaming\\voltdrop',
    ],
    [
      stateFolder,
      '/home/a/.local/state/voltdrop',
      '/Users/a/Library/Application Support/voltdrop',
      'C:\\Users\\a\\AppData\\Local\\voltdrop',
    ],
    [
      dataFolder,
      '/home/a/.local/share/voltdrop',
      '/Users/a/.local/share/voltdrop',
      'C:\\Users\\a\\.local\\share\\voltdrop',
    ],
  ] as const)
    assert.deepEqual(
      [linux, mac, windows].map((machine) => folderOf({}, machine)),
      expected,
    )
  assert.equal(stateFolder({ LOCALAPPDATA: 'D:\\local' }, windows), 'D:\\local\\voltdrop')
  assert.equal(
    stateFolder({ XDG_STATE_HOME: 'x', LOCALAPPDATA: 'D:\\local' }, windows),
    'D:\\local\\voltdrop',
  )
  assert.equal(stateFolder({ LOCALAPPDATA: '/local' }, linux), stateFolder({}, linux))
})

test('a folder that the environment names is preferred on all of them if its path is absolute', () => {
  for (const [folderOf, name] of [
    [configFolder, 'XDG_CONFIG_HOME'],
    [stateFolder, 'XDG_STATE_HOME'],
    [dataFolder, 'XDG_DATA_HOME'],
  ] as const) {
    for (const machine of [linux, mac]) {
      assert.equal(folderOf({ [name]: '/x' }, machine), '/x/voltdrop')
      for (const value of ['relative', ''])
        assert.equal(folderOf({ [name]: value }, machine), folderOf({}, machine))
    }
    assert.equal(folderOf({ [name]: 'D:\\x' }, windows), 'D:\\x\\voltdrop')
  }
})
