/** One side is killed (SIGKILL) and cannot say so: the other one notices the silence, which takes 10 s. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import type { EmbeddedEdge } from '../../agent/edge/embedded/embedded-edge.ts'
import type { AgentEvent } from '../../agent/terminal/events.ts'
import { agentsEdge } from '../support/agents.ts'
import { startLargeTransfer } from '../support/large-transfer.ts'

/** A dead peer is noticed after 10 s of silence; the rest is for a busy machine. */
const NOTICED_WITHIN_MS = 15_000

let edge: EmbeddedEdge
before(async () => {
  edge = await agentsEdge()
})
after(() => edge.close())

const moments: AgentEvent['t'][] = ['peer', 'path', 'offer', 'progress']

for (const victim of ['sender', 'receiver'] as const) {
  test(`when the ${victim} is killed at any moment the other side exits with 7 within 15 s, and no file has the final name`, async (t) => {
    async function killAt(moment: AgentEvent['t']): Promise<void> {
      const agents = await startLargeTransfer(t, edge)
      const survivor = victim === 'sender' ? agents.receiver : agents.sender
      await agents[victim].event(moment)
      agents[victim].child.kill('SIGKILL')
      const killedAt = performance.now()
      const { exit, code } = await survivor.failure()
      assert.deepEqual({ exit, code }, { exit: 7, code: 'interrupted' }, moment)
      assert.ok(performance.now() - killedAt < NOTICED_WITHIN_MS, `${moment}: noticed too late`)
      const left = await readdir(agents.out)
      // Only a killed receiver cannot remove its part file.
      const allowed =
        victim === 'receiver' ? left.filter((name) => !/^\.voltdrop-\w+\.part$/.test(name)) : left
      assert.deepEqual(allowed, [], moment)
    }
    await Promise.all(moments.map(killAt))
  })
}
