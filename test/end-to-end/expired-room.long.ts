/** A room that expires: three seconds until then, and ten until workerd lets go of its sockets. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { startReceiver, startSender, startTestEdge } from '../support/agents.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('a room that no one enters in time expires with exit code 3, and so does its code', async (t) => {
  // Long enough for a slow machine to enter first: a room that has already expired is answered differently.
  const hasty = await startTestEdge({ ROOM_WAIT_SECONDS: '3' })
  t.after(() => hasty.close())
  const file = path.join(await temporaryFolder(t), 'a.txt')
  await writeFile(file, 'the content')
  const { sender, code } = await startSender(t, hasty, file)
  const { exit, code: failure } = await sender.failure()
  assert.deepEqual({ exit, failure }, { exit: 3, failure: 'meeting_timeout' })
  const late = await startReceiver(t, hasty, code, '-o', await temporaryFolder(t)).failure()
  assert.deepEqual({ exit: late.exit, code: late.code }, { exit: 3, code: 'no_such_room' })
})

test('an edge that holds rooms for less than --timeout is told before the code is shown', async (t) => {
  const hasty = await startTestEdge({ ROOM_MAX_WAIT_SECONDS: '30' })
  t.after(() => hasty.close())
  const file = path.join(await temporaryFolder(t), 'a.txt')
  await writeFile(file, 'the content')
  const { sender } = await startSender(t, hasty, file, '--timeout', '1h')
  assert.match((await sender.event('warning')).text, /holds a room for 0:30, not for --timeout 1:00:00/)
  assert.deepEqual(
    sender.events.map(({ t: kind }) => kind),
    ['warning', 'code', 'waiting'],
  )
  assert.equal((await sender.event('waiting')).expires_in_seconds, 30)
})
