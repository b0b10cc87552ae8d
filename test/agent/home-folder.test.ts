/** The home folder, as the environment names it or not. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { homedir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { homeFolder } from '../../agent/home-folder.ts'

const source = pathToFileURL(path.resolve(import.meta.dirname, '../../agent/home-folder.ts')).href

test('a user without a home folder, or with an empty HOME, has the root folder: never the current one', () => {
  assert.equal(homeFolder(), homedir())
  if (process.platform === 'win32') return
  const ask = `const { homeFolder } = await import('${source}');
    delete process.env.HOME; if (process.getuid() === 0) { process.setgid(2_000_000_000); process.setuid(2_000_000_000) }
    console.log(homeFolder()); process.env.HOME = ''; console.log(homeFolder())`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', ask], { encoding: 'utf8' })
  const [unset, empty] = said.trim().split('\n')
  if (process.getuid?.() === 0) assert.equal(unset, '/')
  assert.equal(empty, '/')
})
