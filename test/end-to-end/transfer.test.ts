/** Two agents, an edge and a file: transfers that succeed. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFile, readdir, realpath, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { crc32 } from 'node:zlib'
import type { EmbeddedEdge } from '../../agent/edge/embedded/embedded-edge.ts'
import { agentsEdge, startAgent, startReceiver, startSender } from '../support/agents.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let edge: EmbeddedEdge
before(async () => {
  edge = await agentsEdge()
})
after(() => edge.close())

/** Sizes around those of blocks and chunks are sent by test/agent/files/received/disk-transfer.test.ts, without two processes for each. */
const sizes = { 'nothing.bin': 0, [`${'n'.repeat(196)}.bin`]: 300_000 }

for (const [name, size] of Object.entries(sizes)) {
  test(`a file of ${size} bytes named ${name.slice(0, 20)} arrives identical, and both sides report its checksums`, async (t) => {
    const folder = await temporaryFolder(t)
    const file = path.join(folder, name)
    const bytes = randomBytes(size)
    await writeFile(file, bytes)
    const out = await temporaryFolder(t)
    const { sender, code } = await startSender(t, edge, file)
    const receiver = startReceiver(t, edge, code, '--out', out)
    assert.deepEqual(await Promise.all([receiver.exit, sender.exit]), [0, 0])
    assert.deepEqual(await readdir(out), [name])
    assert.ok((await readFile(path.join(out, name))).equals(bytes))
    const sums = {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      crc32: crc32(bytes).toString(16).padStart(8, '0'),
    }
    for (const agent of [sender, receiver]) {
      const { sha256, crc32: crc, bytes: told } = await agent.event('done')
      assert.deepEqual({ sha256, crc32: crc, told }, { sha256: sums.sha256, crc32: sums.crc32, told: size })
      assert.equal((await agent.event('path')).kind, 'direct')
    }
    assert.equal((await sender.event('peer')).verify, (await receiver.event('peer')).verify)
  })
}

test('send --batteries exports the filtered catalogue and sends it as a file', async (t) => {
  const [b, a] = [await temporaryFolder(t), await temporaryFolder(t)]
  const sender = startAgent(t, [
    'send',
    '--batteries',
    '--chemistry',
    'LFP',
    '--format',
    'ndjson',
    '--out',
    b,
    '--edge',
    edge.url.origin,
  ])
  const { code } = await sender.event('code')
  const receiver = startReceiver(t, edge, code, '--out', a)
  assert.deepEqual(await Promise.all([receiver.exit, sender.exit]), [0, 0])
  const { revision, rows } = await sender.event('exported')
  assert.deepEqual(await readdir(a), [`batteries-r${revision}-chemistry-lfp.ndjson`])
  const lines = (await readFile(path.join(a, `batteries-r${revision}-chemistry-lfp.ndjson`), 'utf8'))
    .trimEnd()
    .split('\n')
  assert.ok(rows > 3)
  const batteries = lines.slice(0, rows).map((line) => (JSON.parse(line) as { chemistry: string }).chemistry)
  assert.deepEqual(new Set(batteries), new Set(['LFP']))
})

test('receive takes the code from a file or the environment without asking', async (t) => {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'a.txt')
  await writeFile(file, 'hello')
  const codeFile = path.join(folder, 'code')
  const first = await startSender(t, edge, file)
  await writeFile(codeFile, `${first.code}\n`, { mode: 0o600 })
  const origin = edge.url.origin
  const byFile = startAgent(t, [
    'receive',
    '--code-file',
    codeFile,
    '-o',
    path.join(folder, '1'),
    '--edge',
    origin,
  ])
  assert.equal(await byFile.exit, 0)
  const second = await startSender(t, edge, file)
  const env = { VOLTDROP_CODE: second.code, VOLTDROP_EDGE: origin }
  const byEnvironment = startAgent(t, ['receive', '-o', path.join(folder, '2')], { env })
  assert.equal(await byEnvironment.exit, 0)
  assert.equal(await readFile(path.join(folder, '2'), 'utf8'), 'hello')
})

test('a folder that is named with a slash is made, and the file is reported with its whole path', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(path.join(folder, 'a.txt'), 'hello')
  const { sender, code } = await startSender(t, edge, path.join(folder, 'a.txt'))
  const args = ['receive', '-o', 'new/deep/', '--edge', edge.url.origin]
  const receiver = startAgent(t, args, { cwd: folder, input: `${code}\n` })
  assert.deepEqual(await Promise.all([receiver.exit, sender.exit]), [0, 0])
  const { name, path: saved, exit } = await receiver.event('done')
  assert.deepEqual(
    { name, saved: await realpath(saved ?? ''), exit },
    { name: 'a.txt', saved: await realpath(path.join(folder, 'new/deep/a.txt')), exit: 0 },
  )
  assert.ok(path.isAbsolute(saved ?? ''))
  assert.equal((await sender.event('done')).path, undefined)
  const { rtt_ms = 0 } = await receiver.event('path')
  assert.equal(rtt_ms, Number(rtt_ms.toFixed(1)))
})

test('no code is visible in the process list, not even one given as an argument', async (t) => {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'a.txt')
  await writeFile(file, 'hello')
  const { sender, code } = await startSender(t, edge, file)
  // With an option before the command: the code is hidden wherever it is on the line.
  const receiver = startAgent(t, [
    '--edge',
    edge.url.origin,
    'receive',
    ...code.split('-'),
    '-o',
    path.join(folder, 'b.txt'),
  ])
  async function commandLine(pid = 0): Promise<string> {
    return await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  }
  await receiver.event('peer')
  const shown = (await Promise.all([sender, receiver].map((agent) => commandLine(agent.child.pid)))).join(' ')
  for (const word of code.split('-').slice(1))
    assert.ok(!shown.includes(word), 'a word of the code is in the process list')
  assert.deepEqual(await Promise.all([receiver.exit, sender.exit]), [0, 0])
})

test('--trace creates a private file on each side, and the transfer succeeds', async (t) => {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'a.txt')
  await writeFile(file, 'hello')
  const [sent, received] = [path.join(folder, 'sent.ndjson'), path.join(folder, 'received.ndjson')]
  const { sender, code } = await startSender(t, edge, file, '--trace', sent)
  const receiver = startReceiver(t, edge, code, '-o', path.join(folder, 'b.txt'), '--trace', received)
  assert.deepEqual(await Promise.all([receiver.exit, sender.exit]), [0, 0])
  for (const trace of [sent, received]) {
    assert.equal((await stat(trace)).mode & 0o777, 0o600)
    const lines = (await readFile(trace, 'utf8')).split('\n').filter((line) => line !== '')
    for (const line of lines) assert.equal(typeof JSON.parse(line), 'object')
  }
})
