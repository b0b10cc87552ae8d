/** Two agents, an edge and a file that takes long to make, send and compare. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { after, before, test } from 'node:test'
import type { EmbeddedEdge } from '../../agent/edge/embedded/embedded-edge.ts'
import { agentsEdge, startReceiver, startSender } from '../support/agents.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let edge: EmbeddedEdge
before(async () => {
  edge = await agentsEdge()
})
after(() => edge.close())

test('200 MB arrive identical', async (t) => {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'large.bin')
  const handle = await open(file, 'wx')
  const block = randomBytes(1_000_000)
  for (let at = 0; at < 200; at++) {
    block.writeUInt32BE(at)
    await handle.write(block)
  }
  await handle.close()
  const out = await temporaryFolder(t)
  const { sender, code } = await startSender(t, edge, file)
  const receiver = startReceiver(t, edge, code, '--out', path.join(out, 'renamed.bin'))
  assert.deepEqual(await Promise.all([receiver.exit, sender.exit]), [0, 0])
  assert.equal((await stat(path.join(out, 'renamed.bin'))).size, 200_000_000)
  assert.equal(await sha256Of(path.join(out, 'renamed.bin')), await sha256Of(file))
})

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
