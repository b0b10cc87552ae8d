/** One side or the edge is stopped: the other one reports it, and no file has the final name. */
import assert from 'node:assert/strict'
import { open, readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { EmbeddedEdge } from '../../agent/edge/embedded/embedded-edge.ts'
import { agentsEdge, startReceiver, startSender, startTestEdge } from '../support/agents.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { startLargeTransfer } from '../support/large-transfer.ts'

let edge: EmbeddedEdge
before(async () => {
  edge = await agentsEdge()
})
after(() => edge.close())

for (const victim of ['sender', 'receiver'] as const) {
  const [key, signal] =
    victim === 'sender' ? (['Ctrl-C', 'SIGINT'] as const) : (['Ctrl-\\', 'SIGQUIT'] as const)
  test(`a ${victim} stopped with ${key} exits with 130 and tells the other side at once`, async (t) => {
    const agents = await startLargeTransfer(t, edge)
    const other = victim === 'sender' ? agents.receiver : agents.sender
    await agents[victim].event('progress')
    agents[victim].child.kill(signal)
    assert.equal(await agents[victim].exit, 130)
    const { exit, code, detail } = await other.failure()
    assert.deepEqual({ exit, code }, { exit: 7, code: 'interrupted' })
    assert.match(detail ?? '', /the other side/)
    assert.deepEqual(await readdir(agents.out), [])
  })
}

for (const signal of ['SIGTERM', 'SIGHUP', 'SIGXCPU'] as const) {
  test(`${signal} is not the user: an agent stopped with it exits with 7, and so does the other side`, async (t) => {
    const agents = await startLargeTransfer(t, edge)
    await agents.receiver.event('progress')
    agents.receiver.child.kill(signal)
    const { exit, code, detail } = await agents.receiver.failure()
    assert.deepEqual({ exit, code }, { exit: 7, code: 'interrupted' })
    assert.match(detail ?? '', new RegExp(`system.*${signal}`))
    assert.equal((await agents.sender.failure()).exit, 7)
    assert.deepEqual(await readdir(agents.out), [])
  })
}

test('after a waiting sender was killed, its code finds no one', async (t) => {
  const file = path.join(await temporaryFolder(t), 'a.txt')
  await (await open(file, 'wx')).close()
  const { sender, code } = await startSender(t, edge, file)
  sender.child.kill('SIGKILL')
  await sender.exit
  const receiver = startReceiver(t, edge, code, '-o', await temporaryFolder(t), '--timeout', '2s')
  assert.equal((await receiver.failure()).exit, 3)
})

test('a transfer completes although the edge stops once both sides are connected', async (t) => {
  const passing = await startTestEdge()
  let open_ = true
  async function close(): Promise<void> {
    if (open_) await passing.close()
    open_ = false
  }
  t.after(close)
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'a.bin')
  const handle = await open(file, 'wx')
  await handle.truncate(20_000_000)
  await handle.close()
  const out = await temporaryFolder(t)
  const { sender, code } = await startSender(t, passing, file)
  const receiver = startReceiver(t, passing, code, '-o', out)
  await Promise.all([sender.event('path'), receiver.event('path')])
  await close()
  assert.deepEqual(await Promise.all([receiver.exit, sender.exit]), [0, 0])
  assert.ok((await readFile(path.join(out, 'a.bin'))).equals(await readFile(file)))
})
