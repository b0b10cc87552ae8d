/** What is in the published package, and what a program from it needs. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { program } from '../support/agents.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../..')

test('without Miniflare voltdrop edge prints the command that installs it', async (t) => {
  const folder = await temporaryFolder(t)
  const manifest = await readFile(path.join(root, 'package.json'), 'utf8')
  const { miniflare } = (JSON.parse(manifest) as { peerDependencies: { miniflare: string } }).peerDependencies
  await cp(path.dirname(program), path.join(folder, 'dist'), { recursive: true })
  const started = run(process.execPath, [path.join(folder, 'dist/cli.js'), 'edge'])
  await assert.rejects(started, (error: Error & { code?: number; stderr?: string }) => {
    assert.equal(error.code, 2)
    assert.match(error.stderr ?? '', new RegExp(`npm install .*miniflare@${miniflare},`))
    return true
  })
})

test('with another major version of Miniflare voltdrop edge prints which one it needs', async (t) => {
  const folder = await temporaryFolder(t)
  await cp(path.dirname(program), path.join(folder, 'dist'), { recursive: true })
  const other = path.join(folder, 'node_modules/miniflare')
  await mkdir(other, { recursive: true })
  await writeFile(path.join(other, 'package.json'), '{"type":"module","exports":"./index.js"}')
  const refusing =
    'export class NoOpLog {}\nexport class Miniflare { constructor() { throw new TypeError("workers") } }'
  await writeFile(path.join(other, 'index.js'), refusing)
  const data = path.join(folder, 'data')
  const started = run(process.execPath, [path.join(folder, 'dist/cli.js'), 'edge', '--data', data])
  await assert.rejects(started, (error: Error & { code?: number; stderr?: string }) => {
    assert.equal(error.code, 2)
    assert.match(error.stderr ?? '', /another Miniflare.*npm install .*miniflare@5/)
    return true
  })
})

test('the package contains the program, its man page, the edge and the licences, and nothing else', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root })
  const [listed] = JSON.parse(stdout) as { files: { path: string }[]; unpackedSize: number }[]
  assert.ok(listed)
  const files = listed.files.map((file) => file.path)
  for (const needed of [
    'package.json',
    'LICENSE',
    'dist/cli.js',
    'dist/voltdrop.1',
    'dist/edge/worker.js',
    'dist/THIRD-PARTY-NOTICES.txt',
  ]) {
    assert.ok(files.includes(needed), needed)
  }
  assert.deepEqual(
    files.filter((file) => !/^(?:dist\/|[A-Z]+(?:\.md)?$|package\.json$)/.test(file)),
    [],
  )
  assert.ok(listed.unpackedSize < 10_000_000)
})

test('the notices have the text of every licence, also of packages that are published without it', async () => {
  const notices = await readFile(path.join(root, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8')
  const [, ...parts] = notices.split(/^-{78}\n(?=.* \(.*\)\n-{78}$)/m)
  const short = parts.filter((part) => part.length < 500).map((part) => part.split('\n', 1)[0])
  assert.deepEqual(short, [])
  for (const name of ['werift', 'drizzle-orm', '@hono/zod-openapi', '@hono/zod-validator'])
    assert.match(
      parts.find((part) => part.startsWith(`${name} `)) ?? '',
      /Copyright[^]*(?:Permission is|Apache License)/,
    )
})

test('the start of the program loads less than 150 kB: neither WebRTC nor zod', async () => {
  const dist = path.dirname(program)
  const loaded = new Set<string>()
  async function follow(file: string): Promise<void> {
    if (loaded.has(file)) return
    loaded.add(file)
    const text = await readFile(path.join(dist, file), 'utf8')
    assert.doesNotMatch(text, /ZodMini|RTCPeerConnection/, file)
    // Static imports only: `import("...")` is loaded later.
    for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([\w-]+\.js)"/g)) await follow(name ?? '')
  }
  await follow('cli.js')
  // The entry loads the rest when it has hidden the command line.
  const entry = await readFile(program, 'utf8')
  await follow(/import\("\.\/(main-[\w-]+\.js)"\)/.exec(entry)?.[1] ?? assert.fail(entry))
  const sizes = await Promise.all([...loaded].map(async (file) => (await stat(path.join(dist, file))).size))
  assert.ok(loaded.size > 1, 'the chunks of the program do not look as this test expects')
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 150_000, [...loaded].join(' '))
})
