/** The built program: its edge, its export, its help, and the package that is published. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import type { EmbeddedEdge } from '../../agent/edge/embedded/embedded-edge.ts'
import { VERSION } from '../../agent/version.ts'
import { agentsEdge, program, startAgent } from '../support/agents.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../..')

let edge: EmbeddedEdge
before(async () => {
  edge = await agentsEdge()
})
after(() => edge.close())

test('--version prints the version of the package, and --help names every command', async () => {
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  assert.equal(VERSION, version)
  assert.equal((await run(process.execPath, [program, '--version'])).stdout, `voltdrop ${version}\n`)
  const { stdout } = await run(process.execPath, [program, '--help'])
  for (const name of ['send', 'receive', 'export', 'edge']) {
    assert.match(stdout, new RegExp(`voltdrop ${name}`))
    // oxlint-disable-next-line no-await-in-loop -- one process after the other
    assert.match(
      (await run(process.execPath, [program, 'help', name])).stdout,
      new RegExp(`^voltdrop ${name}`),
    )
  }
  for (const args of [
    ['send', '--help'],
    ['-h', 'send'],
  ])
    // oxlint-disable-next-line no-await-in-loop -- as above
    assert.match((await run(process.execPath, [program, ...args])).stdout, /^voltdrop send/)
})

test('an unknown option ends the program with exit code 2 and is named on stderr', async () => {
  await assert.rejects(
    run(process.execPath, [program, 'send', '--no-such-option']),
    (error: Error & { code?: number; stderr?: string }) => {
      assert.equal(error.code, 2)
      assert.match(error.stderr ?? '', /--no-such-option[\s\S]*voltdrop --help/)
      return true
    },
  )
})

test('voltdrop edge serves the catalogue, exits with 0 when stopped, and keeps its data for the next start', async (t) => {
  const data = path.join(await temporaryFolder(t), 'data')
  const revisions: unknown[] = []
  for (const start of [1, 2]) {
    // oxlint-disable no-await-in-loop -- the second start follows the first
    const token = start === 2 ? 'a-token-of-mine' : ''
    const served = startAgent(t, ['edge', '--port', '0', '--data', data], { env: { VOLTDROP_TOKEN: token } })
    const { url, writable } = await served.event('listening')
    assert.equal(writable, start === 2)
    const { revision, items } = (await (await fetch(`${url}/batteries?limit=2`)).json()) as {
      revision: unknown
      items: unknown[]
    }
    assert.equal(items.length, 2)
    revisions.push(revision)
    const write = await fetch(`${url}/products`, {
      method: 'POST',
      headers: { authorization: 'Bearer a-token-of-mine', 'content-type': 'application/json' },
      body: '{}',
    })
    await write.body?.cancel()
    assert.equal(write.status, start === 2 ? 422 : 503, 'without a token no one can write')
    served.child.kill('SIGTERM')
    assert.equal(await served.exit, 0)
  }
  assert.equal(revisions[0], revisions[1], 'the second start must neither migrate nor seed again')
})

test('voltdrop config remembers an edge, which later commands use, until it is forgotten', async (t) => {
  const folder = await temporaryFolder(t)
  const env = { XDG_CONFIG_HOME: folder, VOLTDROP_EDGE: '' }
  const { edge: remembered, file } = await startAgent(t, ['config', 'edge', edge.url.origin], { env }).event(
    'config',
  )
  assert.deepEqual([remembered, file], [edge.url.href, path.join(folder, 'voltdrop', 'config.json')])
  const args = ['export', 'products', '--format', 'json', '--out', folder]
  assert.ok((await startAgent(t, args, { env }).event('exported')).rows > 0)
  assert.equal((await startAgent(t, ['config', 'edge', '--unset'], { env }).event('config')).edge, undefined)
})

test('a port that is taken is reported with the option that changes it', async (t) => {
  const data = await temporaryFolder(t)
  const { exit, detail } = await startAgent(t, ['edge', '--port', edge.url.port, '--data', data]).failure()
  assert.equal(exit, 2)
  assert.match(detail ?? '', /--port/)
})

test('an export is verified, and the same one is not fetched twice', async (t) => {
  const folder = await temporaryFolder(t)
  const args = ['export', 'products', '--format', 'json', '--edge', edge.url.origin]
  const first = startAgent(t, args, { cwd: folder })
  assert.equal(await first.exit, 0)
  const { path: file, rows, bytes } = await first.event('exported')
  const { mtimeMs, size } = await stat(file)
  assert.equal(size, bytes)
  assert.ok(rows > 50)
  const second = startAgent(t, args, { cwd: folder })
  assert.deepEqual(await second.event('exported'), await first.event('exported'))
  assert.equal((await stat(file)).mtimeMs, mtimeMs)
  const other = await startAgent(t, [...args, '--filter', 'status=active', '--out', file]).failure()
  assert.deepEqual({ exit: other.exit, code: other.code }, { exit: 9, code: 'file_exists' })
  assert.deepEqual(await readdir(folder), [path.basename(file), `${path.basename(file)}.manifest.json`])
})

test('a wrong filter is refused by name before the edge is asked or a code is shown, and no file is left behind', async (t) => {
  const folder = await temporaryFolder(t)
  for (const [typed, reason] of [
    [['--filter', 'colour=red'], /--filter colour: the batteries have no such filter/],
    [['--chemistry', 'lead'], /--chemistry lead: one of NMC/],
    [['--chemistry', 'NMC', '--filter', 'chemistry=LFP'], /chemistry is given more than once/],
  ] as const) {
    for (const start of [
      ['export', 'batteries'],
      ['send', '--batteries'],
    ]) {
      const agent = startAgent(t, [...start, ...typed, '--edge', 'http://127.0.0.1:9', '--out', folder])
      // oxlint-disable-next-line no-await-in-loop -- one process after the other
      const { exit, code, detail } = await agent.failure()
      assert.deepEqual({ exit, code }, { exit: 2, code: 'usage' })
      assert.match(detail ?? '', reason)
      assert.ok(!agent.events.some(({ t: kind }) => kind === 'code'))
    }
  }
  assert.deepEqual(await readdir(folder), [])
})

test('a selection without rows is said, and its file is made all the same', async (t) => {
  const folder = await temporaryFolder(t)
  const args = ['--filter', 'q=no such cell', '--edge', edge.url.origin, '--out', folder]
  const exported = startAgent(t, ['export', 'batteries', ...args])
  assert.equal(await exported.exit, 0)
  assert.match((await exported.event('warning')).text, /no row of the batteries matches/)
  assert.equal((await exported.event('exported')).rows, 0)
  const sender = startAgent(t, ['send', '--batteries', ...args])
  await sender.event('code')
  const kinds = sender.events.map(({ t: kind }) => kind)
  assert.ok(kinds.indexOf('warning') < kinds.indexOf('code') && kinds.includes('warning'))
})

test('with --json the help and the version are events, and --quiet does not silence them', async () => {
  const shown: unknown[] = []
  for (const args of [['help', 'send'], ['version']])
    for (const quiet of [[], ['-q']]) {
      // oxlint-disable-next-line no-await-in-loop -- one process after the other
      const { stdout } = await run(process.execPath, [program, '--json', ...quiet, ...args])
      const { t, version, text } = JSON.parse(stdout) as { t: string; version?: string; text?: string }
      shown.push(t === 'help' ? text?.split('\n')[0] : version)
    }
  assert.deepEqual(shown, ['voltdrop send FILE', 'voltdrop send FILE', VERSION, VERSION])
})

test('a result that standard output does not take is a failure; a reader that has left is none', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs /dev/full of Linux')
  function shell(line: string) {
    return run('bash', ['-o', 'pipefail', '-c', line, 'bash', process.execPath, program])
  }
  for (const options of ['--json version', 'help', '--json help'])
    // oxlint-disable-next-line no-await-in-loop -- one process after the other
    await assert.rejects(shell(`"$1" "$2" ${options} > /dev/full`), (error: Error & { code?: number }) => {
      assert.equal(error.code, 9)
      assert.match(String(error), /standard output: the disk is full/)
      return true
    })
  await shell('"$1" "$2" --json help | true')
})

test('a code that standard output does not take ends the run at once: nobody would learn it', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs /dev/full of Linux')
  const line = `"$1" "$2" --json send "$2" --edge ${edge.url.origin} > /dev/full`
  const ended = run('bash', ['-c', line, 'bash', process.execPath, program])
  await assert.rejects(ended, (error: Error & { code?: number }) => {
    assert.equal(error.code, 9)
    assert.match(String(error), /standard output: the disk is full/)
    return true
  })
})

test('what cannot work is said before a code is shown', async (t) => {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'a.txt')
  await writeFile(file, 'hello')
  const table: [args: string[], exit: number, detail: RegExp][] = [
    [['send', file, '--ice-file', path.join(folder, 'absent')], 9, /absent/],
    [['send', file, '--relay-only'], 6, /--relay-only, and this edge has no TURN server/],
    [['send', file, '--relay-only', '--ice-server', 'stun:127.0.0.1'], 6, /--relay-only/],
    [['send', file, '--ice-server', 'turn:127.0.0.1'], 2, /VOLTDROP_ICE_CREDENTIAL/],
    [['send', '--batteries', '-o', path.join(file, 'x/')], 9, /a\.txt/],
    [['send', '--batteries', '-o', path.join(folder, 'absent/x')], 9, /absent/],
    [['send', file, '--trace', path.join(folder, 'absent/trace')], 9, /absent/],
  ]
  for (const [args, exit, told] of table) {
    const agent = startAgent(t, [...args, '--edge', edge.url.origin])
    // oxlint-disable-next-line no-await-in-loop -- one process after the other
    const failure = await agent.failure()
    assert.equal(failure.exit, exit, args.join(' '))
    assert.match(failure.detail ?? '', told)
    assert.deepEqual(
      agent.events.map(({ t: kind }) => kind),
      ['error'],
    )
  }
})
