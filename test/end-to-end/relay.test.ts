/** Through a TURN server: a real coturn, with credentials that the edge issues to the two sides of a room. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { startAgent, startReceiver } from '../support/agents.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { noCoturn, startCoturn } from '../support/edge/coturn.ts'

type Cleaning = Parameters<typeof temporaryFolder>[0]

/** No edge may name it: cloud machines find their secrets there. */
const NOT_TO_BE_NAMED = '169.254.169.254'

/** `voltdrop edge` as an operator runs it, with the relay in its environment, and one server that is none. */
async function startRelayingEdge(t: Cleaning, turn: { url: string; secret: string }) {
  const data = path.join(await temporaryFolder(t), 'data')
  const env = { TURN_URLS: turn.url, TURN_SECRET: turn.secret, STUN_URLS: `stun:${NOT_TO_BE_NAMED}:80` }
  const edge = startAgent(t, ['edge', '--port', '0', '--data', data], { env })
  const { url } = await edge.event('listening')
  async function close(): Promise<void> {
    // SIGKILL would leave its workerd running.
    edge.child.kill('SIGTERM')
    assert.equal(await edge.exit, 0)
  }
  return { url: new URL(url), others: [], close }
}

/** Two agents that may use nothing but a relay. */
async function startRelayed(t: Cleaning, edge: Awaited<ReturnType<typeof startRelayingEdge>>) {
  const folder = await temporaryFolder(t)
  const [file, out] = [path.join(folder, 'pack.bin'), path.join(folder, 'out.bin')]
  await writeFile(file, randomBytes(2_000_000))
  const sender = startAgent(t, ['send', file, '--relay-only', '--edge', edge.url.origin])
  const { code } = await sender.event('code')
  return { sender, receiver: startReceiver(t, edge, code, '--relay-only', '-o', out), file, out }
}

test(
  'a file is transferred through coturn with REST credentials, and both sides report a relayed path',
  {
    skip: noCoturn,
  },
  async (t) => {
    const edge = await startRelayingEdge(t, await startCoturn(t))
    try {
      const { sender, receiver, file, out } = await startRelayed(t, edge)
      assert.deepEqual(await Promise.all([receiver.exit, sender.exit]), [0, 0])
      for (const agent of [sender, receiver]) {
        const { kind, protocol } = await agent.event('path')
        assert.deepEqual({ kind, protocol }, { kind: 'relayed', protocol: 'udp' })
        const { text } = await agent.event('warning')
        assert.ok(text.includes(`${NOT_TO_BE_NAMED} that the edge names`), text)
      }
      assert.ok((await readFile(out)).equals(await readFile(file)))
    } finally {
      await edge.close()
    }
  },
)
