/** What must not be seen: a code and credentials, in the process list, in errors and in what packages log. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { EmbeddedEdge } from '../../agent/edge/embedded/embedded-edge.ts'
import { agentsEdge, program, startAgent, startSender } from '../support/agents.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let edge: EmbeddedEdge
before(async () => {
  edge = await agentsEdge()
})
after(() => edge.close())

/** Everything that a run prints. */
function printed(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (_, stdout, stderr) => resolve(stdout + stderr))
  })
}

test('the program overwrites argv before it loads any code of its own', async () => {
  const entry = await readFile(program, 'utf8')
  const [before_ = '', ...rest] = entry.split('process.title=')
  assert.ok(rest.length > 0)
  assert.doesNotMatch(before_, /import\s*\(|from\s*['"](?!node:)/)
  assert.doesNotMatch(
    entry,
    /from\s*['"](?!node:)|import\s*['"]/,
    'a static import is loaded first, wherever it stands',
  )
  assert.ok(entry.length < 1_000)
})

test('a code in the wrong place is not repeated, neither in errors nor in their causes', async () => {
  const code = '7-goose-gift'
  const lines = [
    [code],
    code.split('-'),
    ['send', code],
    ['help', code],
    ['export', code],
    ['receive', '--code-file', code],
    ['receive', '--edge', code],
    ['receive', `--${code}`],
    ['import', code, '--dry-run'],
    ['recieve', code],
    ['receive', '7-goose-gifd-crystal', '-o', '/nowhere/x'],
  ]
  for (const line of lines) {
    // oxlint-disable-next-line no-await-in-loop -- one process after the other
    const text = await printed(['--debug', '--json', ...line])
    assert.match(text, /"t":"error"[\s\S]*VoltdropError/, line.join(' '))
    assert.doesNotMatch(text, /goose|gif[td]/i, line.join(' '))
  }
})

test('with DEBUG=* nothing is logged, and SIGUSR1 opens no debugger: neither keys nor credentials are to be had', async (t) => {
  const folder = await temporaryFolder(t)
  const [file, iceFile] = [path.join(folder, 'a.txt'), path.join(folder, 'ice.json')]
  await writeFile(file, 'hello')
  const relay = [{ urls: ['turn:127.0.0.1:9'], username: 'a-user', credential: 'a-password' }]
  await writeFile(iceFile, JSON.stringify(relay), { mode: 0o600 })
  const args = ['--ice-file', iceFile, '--edge', edge.url.origin]
  const env = { DEBUG: '*' }
  const sender = startAgent(t, ['send', file, ...args], { env })
  const { code } = await sender.event('code')
  sender.child.kill('SIGUSR1') // Node tells on standard error when its debugger listens
  const out = path.join(folder, 'b.txt')
  const receiver = startAgent(t, ['receive', '-o', out, ...args], { env, input: code })
  assert.deepEqual(await Promise.all([receiver.exit, sender.exit]), [0, 0])
  assert.deepEqual([sender.stderr, receiver.stderr], ['', ''])
})

test('a code comes from standard input by name, and is refused from a file that others can read', async (t) => {
  const folder = await temporaryFolder(t)
  const [file, codeFile] = [path.join(folder, 'a.txt'), path.join(folder, 'code')]
  await writeFile(file, 'hello')
  const { sender, code } = await startSender(t, edge, file)
  await writeFile(codeFile, code, { mode: 0o644 })
  const args = ['receive', '-o', path.join(folder, 'b.txt'), '--edge', edge.url.origin, '--code-file']
  const refused = await startAgent(t, [...args, codeFile]).failure()
  assert.deepEqual([refused.exit, refused.code], [2, 'not_possible_here'])
  assert.match(refused.detail ?? '', /chmod 600/)
  const receiver = startAgent(t, [...args, '/dev/stdin'], { input: code })
  assert.deepEqual(await Promise.all([receiver.exit, sender.exit]), [0, 0])
})
