/** Two agents that move a file too large to be finished while a test disturbs them. */
import { open } from 'node:fs/promises'
import path from 'node:path'
import type { EmbeddedEdge } from '../../agent/edge/embedded/embedded-edge.ts'
import { type Agent, startReceiver, startSender } from './agents.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Takes several seconds on the fastest path, so the transfer is still running when a side is killed. Sparse on disk. */
const LARGE_BYTES = 4 * 1024 ** 3

/** `out` is the receiver's folder. */
export async function startLargeTransfer(
  t: Parameters<typeof startSender>[0],
  edge: EmbeddedEdge,
): Promise<{ sender: Agent; receiver: Agent; out: string }> {
  const file = path.join(await temporaryFolder(t), 'large.bin')
  const handle = await open(file, 'wx')
  await handle.truncate(LARGE_BYTES)
  await handle.close()
  const out = await temporaryFolder(t)
  const { sender, code } = await startSender(t, edge, file)
  return { sender, receiver: startReceiver(t, edge, code, '-o', out), out }
}
