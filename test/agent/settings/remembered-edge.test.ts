/** What `voltdrop config` keeps, and where. */
import assert from 'node:assert/strict'
import { chmod, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { rememberedEdge, rememberEdge, settingsPath } from '../../../agent/settings/remembered-edge.ts'
import { failsAs } from '../../support/edge/fake-edge.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

test('an edge is remembered in a file of its owner alone, replaced, and forgotten with everything else kept', async (t) => {
  const environment = { XDG_CONFIG_HOME: path.join(await temporaryFolder(t), 'new') }
  assert.equal(await rememberedEdge(environment), undefined)
  for (const address of ['https://one.example/', 'https://two.example/drop/']) {
    // oxlint-disable no-await-in-loop -- one after the other
    await rememberEdge(new URL(address), environment)
    assert.equal((await rememberedEdge(environment))?.href, address)
  }
  const file = settingsPath(environment)
  assert.equal((await stat(file)).mode & 0o077, 0)
  await writeFile(file, '{"edge":"https://two.example/","later":1}')
  await rememberEdge(undefined, environment)
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), { later: 1 })
  assert.equal(await rememberedEdge(environment), undefined)
  assert.deepEqual(await readdir(path.dirname(file)), ['config.json'])
})

test('a file that others may change, or that is something else, is named and not believed', async (t) => {
  const environment = { XDG_CONFIG_HOME: await temporaryFolder(t) }
  await rememberEdge(new URL('https://edge.example/'), environment)
  const file = settingsPath(environment)
  await chmod(file, 0o666)
  await assert.rejects(
    rememberedEdge(environment),
    failsAs('not_possible_here', /config\.json can be read or changed by every user/),
  )
  await chmod(file, 0o600)
  for (const text of ['', '[]', '{"edge":7}']) {
    await writeFile(file, text)
    await assert.rejects(
      rememberedEdge(environment),
      failsAs('not_possible_here', /config\.json is not what/),
      text,
    )
  }
  await writeFile(file, '{"edge":"ftp://edge"}')
  await assert.rejects(
    rememberedEdge(environment),
    failsAs('not_possible_here', /edge in .*config\.json ftp:/),
  )
})
