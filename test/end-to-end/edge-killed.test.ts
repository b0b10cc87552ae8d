/** `voltdrop edge` that is killed: nothing of it stays behind, and it can be started again at once. */
import assert from 'node:assert/strict'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import { startAgent } from '../support/agents.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** The ids of a process's children, by the name of their program. */
async function childrenOf(pid: number): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    // oxlint-disable-next-line no-await-in-loop -- one thread after the other
    const ids = await readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')
    for (const id of ids.split(' ').filter((text) => text !== '')) {
      // oxlint-disable-next-line no-await-in-loop -- as above
      found.set((await readFile(`/proc/${id}/comm`, 'utf8')).trim(), Number(id))
    }
  }
  return found
}

/** A process that was killed and waits for its parent to notice counts as ended. */
async function hasEnded(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ' Z ')
  return /\) Z | Z /.test(stat)
}

/** What in `folder` others than its owner may use, should they come in. */
async function exposedIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  assert.ok(names.length > 0)
  const modes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).mode))
  return names.filter((_, at) => ((modes[at] ?? 0) & 0o077) !== 0)
}

test(
  'workerd ends with the edge, even when that is killed, and the folder is free again',
  { skip: process.platform === 'linux' ? false : 'processes are looked for in /proc' },
  async (t) => {
    const folder = await temporaryFolder(t)
    const args = ['edge', '--port', '0', '--data', folder]
    const first = startAgent(t, args)
    await first.event('listening')
    assert.deepEqual(await exposedIn(folder), [])
    const children = await childrenOf(first.child.pid ?? 0)
    assert.deepEqual([...children.keys()].toSorted(), ['sh', 'workerd'])
    first.child.kill('SIGKILL')
    await first.exit
    const second = startAgent(t, args)
    const { url, others } = await second.event('listening')
    assert.deepEqual(others, [])
    assert.equal((await fetch(`${url}/health`)).status, 200)
    // Waits for the end of the first one's processes: the runner ends a test that never sees it.
    for (const pid of children.values()) {
      // oxlint-disable-next-line no-await-in-loop -- until it has ended
      while (!(await hasEnded(pid))) await pause(20)
    }
    const guarded = await childrenOf(second.child.pid ?? 0)
    second.child.kill('SIGTERM')
    assert.equal(await second.exit, 0)
    for (const pid of guarded.values()) {
      // oxlint-disable-next-line no-await-in-loop -- until it has ended
      while (!(await hasEnded(pid))) await pause(20)
    }
  },
)
