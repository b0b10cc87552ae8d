/** What is refused, with which exit code, and that no file is left behind. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import type { TestContext } from 'node:test'
import type { EmbeddedEdge } from '../../agent/edge/embedded/embedded-edge.ts'
import { words } from '../../protocol/meeting/words.ts'
import { agentsEdge, program, startAgent, startReceiver, startSender } from '../support/agents.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const run = promisify(execFile)

let edge: EmbeddedEdge
before(async () => {
  edge = await agentsEdge()
})
after(() => edge.close())

async function fileToSend(t: TestContext, name = 'secret-plans.txt'): Promise<string> {
  const file = path.join(await temporaryFolder(t), name)
  await writeFile(file, 'the content')
  return file
}

/** A code with the same number and other valid words. */
function wrong(code: string): string {
  const [number = '', ...spoken] = code.split('-')
  const others = words.filter((word) => !spoken.includes(word)).slice(0, spoken.length)
  return [number, ...others].join('-')
}

test('a wrong code ends both sides with 4, spends the code, and reveals nothing about the file', async (t) => {
  const { sender, code } = await startSender(t, edge, await fileToSend(t))
  const out = await temporaryFolder(t)
  const receiver = startReceiver(t, edge, wrong(code), '-o', out)
  for (const agent of [sender, receiver]) {
    const { exit, code: failure } = await agent.failure()
    assert.deepEqual({ exit, failure }, { exit: 4, failure: 'wrong_code' })
  }
  assert.doesNotMatch(JSON.stringify(receiver.events), /secret-plans|"bytes"/)
  const late = startReceiver(t, edge, code, '-o', out)
  assert.deepEqual((await late.failure()).code, 'code_spent')
  assert.deepEqual(await readdir(out), [])
})

test('a mistyped word is refused before anything is sent, and the code stays valid', async (t) => {
  const { sender, code } = await startSender(t, edge, await fileToSend(t))
  const out = await temporaryFolder(t)
  const [number, first = '', second = ''] = code.split('-')
  const typo = `${number}-${first}q-${second}`
  const typed = startAgent(t, ['receive', typo, '--edge', edge.url.origin, '-o', out])
  const { exit, code: failure, detail } = await typed.failure()
  assert.deepEqual({ exit, failure }, { exit: 2, failure: 'bad_code' })
  const piped = await startReceiver(t, edge, typo, '-o', out).failure()
  for (const told of [detail ?? '', piped.detail ?? '']) {
    assert.match(told, /word 1/)
    assert.doesNotMatch(told, new RegExp(first), 'no person reads it')
  }
  assert.deepEqual(await Promise.all([startReceiver(t, edge, code, '-o', out).exit, sender.exit]), [0, 0])
})

test('an unknown room and a room that is full are answered alike', async (t) => {
  const { sender, code } = await startSender(t, edge, await fileToSend(t))
  const out = await temporaryFolder(t)
  const unknown = await startReceiver(
    t,
    edge,
    `999999-${code.split('-').slice(1).join('-')}`,
    '-o',
    out,
  ).failure()
  assert.deepEqual(unknown, { exit: 3, code: 'no_such_room', detail: edge.url.origin })
  // The room's second seat is taken by a silent guest.
  const guest = new WebSocket(`${edge.url.origin.replace('http', 'ws')}/rooms/${code.split('-')[0]}`, [
    'voltdrop.v1',
  ])
  t.after(() => guest.close())
  await new Promise((resolve) => guest.addEventListener('message', resolve, { once: true }))
  assert.deepEqual(await startReceiver(t, edge, code, '-o', out).failure(), unknown)
  sender.child.kill('SIGINT')
  assert.equal(await sender.exit, 130)
})

test('--timeout is how long the room waits, and ends the wait for the other side', async (t) => {
  const file = await fileToSend(t)
  const { sender: hasty } = await startSender(t, edge, file, '--timeout', '1s')
  assert.equal((await hasty.event('waiting')).expires_in_seconds, 1)
  assert.deepEqual((await hasty.failure()).exit, 3)
  const { sender: patient } = await startSender(t, edge, file, '--timeout', '1h')
  assert.equal((await patient.event('waiting')).expires_in_seconds, 3_600)
  assert.ok(patient.events.every(({ t: kind }) => kind !== 'warning'))
})

test('an edge that does not answer is named, with exit code 3', async (t) => {
  const file = await fileToSend(t)
  const nowhere = 'http://127.0.0.1:2'
  const detail = `${nowhere}: nothing listens there`
  const agents = [
    startAgent(t, ['send', file, '--edge', nowhere]),
    startAgent(t, ['export', 'batteries', '--edge', nowhere]),
  ]
  for (const agent of agents) {
    assert.deepEqual(await agent.failure(), { exit: 3, code: 'edge_unreachable', detail })
  }
  const receiver = startAgent(t, ['receive', '--edge', nowhere, '-o', await temporaryFolder(t)], {
    input: `7-${words[0]}-${words[1]}\n`,
  })
  const unspent = `${detail}; no guess was used up`
  assert.deepEqual(await receiver.failure(), { exit: 3, code: 'edge_unreachable', detail: unspent })
})

test('an existing file is refused with 9 and stays unchanged, before and after the code is spent', async (t) => {
  const file = await fileToSend(t)
  const out = await temporaryFolder(t)
  const taken = path.join(out, path.basename(file))
  await writeFile(taken, 'mine')
  const { sender, code } = await startSender(t, edge, file)
  const named = await startReceiver(t, edge, code, '-o', taken).failure()
  assert.deepEqual({ exit: named.exit, code: named.code }, { exit: 9, code: 'file_exists' })
  const receiver = startReceiver(t, edge, code, '-o', out)
  for (const agent of [receiver, sender]) {
    const { exit, code: failure } = await agent.failure()
    assert.deepEqual({ exit, failure }, { exit: 9, failure: 'file_exists' })
  }
  assert.equal(await readFile(taken, 'utf8'), 'mine')
  assert.deepEqual(await readdir(out), [path.basename(file)])
})

test('a destination that cannot be written is refused with 9 before the code is spent', async (t) => {
  const { sender, code } = await startSender(t, edge, await fileToSend(t))
  const out = await temporaryFolder(t)
  await mkdir(path.join(out, 'real'))
  await writeFile(path.join(out, 'file'), '')
  const places = [path.join(out, 'missing', 'deeper'), path.join(out, 'file', 'x'), path.join(out, 'file/')]
  if (process.getuid?.() !== 0) {
    await mkdir(path.join(out, 'locked'))
    await chmod(path.join(out, 'locked'), 0o500)
    places.push(path.join(out, 'locked/'))
  }
  const refused = await Promise.all(
    places.map((place) => startReceiver(t, edge, code, '-o', place).failure()),
  )
  for (const { exit, code: failure } of refused)
    assert.deepEqual({ exit, failure }, { exit: 9, failure: 'not_writable' })
  await symlink('real', path.join(out, 'link'))
  const received = startReceiver(t, edge, code, '-o', path.join(out, 'link/'))
  assert.deepEqual(await Promise.all([received.exit, sender.exit]), [0, 0])
})

test('a file over --max-size is declined with 5 on both sides', async (t) => {
  const { sender, code } = await startSender(t, edge, await fileToSend(t))
  const out = await temporaryFolder(t)
  const receiver = startReceiver(t, edge, code, '-o', out, '--max-size', '10')
  assert.deepEqual([(await receiver.failure()).exit, (await sender.failure()).exit], [5, 5])
  assert.deepEqual(await readdir(out), [])
})

test('a file that cannot be sent is refused before a code is shown', async (t) => {
  const folder = await temporaryFolder(t)
  for (const file of [path.join(folder, 'missing'), folder, '/dev/null']) {
    const sender = startAgent(t, ['send', file, '--edge', edge.url.origin])
    const { exit, code } = await sender.failure()
    assert.deepEqual({ exit, code }, { exit: 9, code: 'source_unreadable' })
    assert.equal(sender.events.length, 1)
  }
})

test('a trace file that exists is refused with 9 before a code is shown or asked for', async (t) => {
  const file = await fileToSend(t)
  const trace = path.join(await temporaryFolder(t), 'trace')
  await writeFile(trace, 'old')
  for (const args of [['send', file], ['receive']]) {
    const agent = startAgent(t, [...args, '--trace', trace, '--edge', edge.url.origin], {
      cwd: path.dirname(trace),
    })
    // oxlint-disable-next-line no-await-in-loop -- one process after the other
    const { exit, code } = await agent.failure()
    assert.deepEqual({ exit, code, events: agent.events.length }, { exit: 9, code: 'file_exists', events: 1 })
  }
  assert.equal(await readFile(trace, 'utf8'), 'old')
})

test('--relay-only without a relay ends both sides with 6 rather than going direct', async (t) => {
  const { sender, code } = await startSender(t, edge, await fileToSend(t))
  const receiver = startReceiver(t, edge, code, '-o', await temporaryFolder(t), '--relay-only')
  for (const agent of [sender, receiver]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { exit, code: failure, detail } = await agent.failure()
    assert.deepEqual({ exit, failure }, { exit: 6, failure: 'no_path' })
    assert.match(detail ?? '', /relay/)
  }
})

test(
  'an edge that is started in a folder that was deleted says so',
  { skip: process.platform === 'win32' },
  async (t) => {
    const folder = await temporaryFolder(t)
    const line = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$1" edge --port 0 --data "$2" --json'
    const { stdout } = await run('sh', ['-c', line, process.execPath, program, path.join(folder, 'data')], {
      cwd: folder,
    }).catch((error: { stdout: string }) => error)
    assert.match(stdout, /"not_possible_here".*the current folder was deleted/)
  },
)
