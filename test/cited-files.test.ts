/** Files that the project's pages and comments refer to. */
import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'

const root = path.resolve(import.meta.dirname, '..')
const folders = ['agent', 'drizzle', 'durable', 'peer', 'protocol', 'test', 'tools', 'transport', 'workers']

/** Paths in `file` that match `pattern` and do not exist. */
async function missing(file: string, pattern: RegExp): Promise<string[]> {
  const text = await readFile(path.join(root, file), 'utf8')
  return [...text.matchAll(pattern)]
    .map(([, cited = '']) => cited)
    .filter((cited) => !existsSync(path.join(root, cited)))
}

for (const page of ['README.md', 'PROTOCOL.md', 'SECURITY.md']) {
  test(`every file and folder that ${page} names exists`, async () => {
    const paths = new RegExp(`\`((?:${folders.join('|')})/[\\w./-]*)\``, 'g')
    assert.deepEqual(await missing(page, paths), [])
  })
}

test('every test that a comment names exists', async () => {
  const sources = globSync(`{${folders.join(',')}}/**/*.ts`, { cwd: root })
  const found = await Promise.all(sources.map((file) => missing(file, /\b(test\/[\w./-]+\.test\.ts)\b/g)))
  assert.deepEqual(found.flat(), [])
})
