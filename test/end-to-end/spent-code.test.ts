/** A receiver whose meeting breaks off after its share has left: its code is spent, in this run and in the next ones. */
import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { EmbeddedEdge } from '../../agent/edge/embedded/embedded-edge.ts'
import { lengthValue, startCpace } from '../../protocol/meeting/cpace.ts'
import {
  encodeAboutSelf,
  encodeShareA,
  parseMeetingMessage,
  SESSION_NONCE_BYTES,
} from '../../protocol/meeting/meeting-messages.ts'
import { systemRandom } from '../../protocol/random.ts'
import { words } from '../../protocol/meeting/words.ts'
import { type Agent, agentsEdge, startAgent } from '../support/agents.ts'
import { openRoom, RoomClient } from '../support/edge/room-client.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let edge: EmbeddedEdge
before(async () => {
  edge = await agentsEdge()
})
after(() => edge.close())

/** A host that answers a join with a share, as whoever wants to check a guess does, and leaves when it has the receiver's. */
async function hostThatGuesses() {
  const room = await openRoom(edge.url.origin)
  const host = new RoomClient(edge.url.origin, room.number, { token: room.token })
  await host.seated()
  async function guess(): Promise<void> {
    await host.paired()
    const associated = encodeAboutSelf({ role: 'sender', version: 1, capabilities: [] })
    const share = startCpace({
      role: 'initiator',
      password: new TextEncoder().encode('a-guess'),
      channelId: lengthValue(),
      sessionId: new Uint8Array(2 * SESSION_NONCE_BYTES),
      associated,
      random: systemRandom,
    }).share
    assert.equal(await typeOfNext(host), 'join')
    host.send(Uint8Array.from(encodeShareA(new Uint8Array(SESSION_NONCE_BYTES), share, associated)))
    assert.equal(await typeOfNext(host), 'share-b')
    await host.leave()
  }
  return { code: `${room.number}-${words[0]}-${words[1]}`, guess }
}

async function typeOfNext(client: RoomClient): Promise<string> {
  const arrival = await client.next()
  return 'bytes' in arrival ? parseMeetingMessage(arrival.bytes).type : JSON.stringify(arrival)
}

async function startWithState(t: TestContext, code: string, stateHome: string): Promise<Agent> {
  const out = await temporaryFolder(t)
  const args = ['receive', '--edge', edge.url.origin, '-o', out]
  return startAgent(t, args, { input: `${code}\n`, env: { XDG_STATE_HOME: stateHome } })
}

test('a meeting that is cut after the share ends with 4, and the next run refuses the code without asking the edge', async (t) => {
  const { code, guess } = await hostThatGuesses()
  const stateHome = await temporaryFolder(t)
  const first = await startWithState(t, code, stateHome)
  await guess()
  const { exit, code: failure } = await first.failure()
  assert.deepEqual({ exit, failure }, { exit: 4, failure: 'code_spent' })
  assert.equal((await readdir(path.join(stateHome, 'voltdrop', 'tried-rooms'))).length, 1)
  const again = await (await startWithState(t, code, stateHome)).failure()
  assert.deepEqual({ exit: again.exit, code: again.code }, { exit: 4, code: 'code_spent' })
  assert.match(again.detail ?? '', /was tried here/)
})

test('once the file has arrived, nothing is left of the note', async (t) => {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'a.txt')
  await writeFile(file, 'hello')
  const sender = startAgent(t, ['send', file, '--edge', edge.url.origin])
  const { code } = await sender.event('code')
  const receiver = await startWithState(t, code, folder)
  assert.deepEqual([await sender.exit, await receiver.exit], [0, 0])
  assert.deepEqual(await readdir(path.join(folder, 'voltdrop', 'tried-rooms')), [])
})

test('where the try cannot be noted, the person is told not to enter the code again, and receiving goes on', async (t) => {
  const { code, guess } = await hostThatGuesses()
  const receiver = await startWithState(t, code, '/dev/null')
  await guess()
  assert.equal((await receiver.failure()).code, 'code_spent')
  assert.match((await receiver.event('warning')).text, /do not enter this code again/)
})
