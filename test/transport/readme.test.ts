import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder } from '../support/temporary-folder.ts'

const FOLDER = new URL('../../transport/', import.meta.url)

test('the example in transport/README.md runs, and its process ends by itself', async (t) => {
  const page = await readFile(new URL('README.md', FOLDER), 'utf8')
  const [, example] = /^```ts\n(.*?)^```$/ms.exec(page) ?? []
  assert.ok(example)
  const file = join(await temporaryFolder(t), 'example.mts')
  await writeFile(file, example.replaceAll("from './", `from '${FOLDER.href}`))
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 20_000 })
  assert.match(stdout, /^hello, direct\n/)
})

test('transport/README.md lists every file and folder of the library', async () => {
  const page = await readFile(new URL('README.md', FOLDER), 'utf8')
  for (const entry of await readdir(FOLDER, { withFileTypes: true })) {
    const name = entry.isDirectory() ? `${entry.name}/` : entry.name
    if (name !== 'README.md' && name !== 'tsconfig.json') assert.ok(page.includes(`\`${name}\``), name)
  }
})
