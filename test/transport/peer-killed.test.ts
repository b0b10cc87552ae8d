import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import test from 'node:test'
import { makeStartAttempt } from '../../transport/webrtc-attempt.ts'
import type { SideMessage, Job } from '../../bench/transport/side.ts'
import { pattern } from './attempt-pair.ts'
import { messagesOf } from '../support/messages-of.ts'

for (const [transport, stack] of [
  ['fast', { transport: 'fast' }],
  ['werift', { transport: 'werift' }],
  ['fast', 'node-datachannel'],
] as const) {
  const peers = `${transport} to ${typeof stack === 'string' ? stack : stack.transport}`
  test(`when the peer is killed, send waits until the attempt is closed, which ends everything at once, ${peers}`, async (t) => {
    const child = fork(new URL('../../bench/transport/side.ts', import.meta.url))
    t.after(() => child.kill('SIGKILL'))
    const attempt = makeStartAttempt({ transport })({
      iceServers: [],
      relayOnly: false,
      onCandidate: (candidate) => child.send({ type: 'candidate', candidate } satisfies SideMessage),
    })
    t.after(() => attempt.close())
    child.on('message', (message: SideMessage) => {
      if (message.type === 'candidate') attempt.addCandidate(message.candidate)
      if (message.type === 'description') void attempt.accept(message.sdp, { onThisHost: true })
    })
    child.send({ stack, role: 'receive', bytes: 2 ** 40, messageBytes: 65_536 } satisfies Job)
    child.send({ type: 'description', sdp: await attempt.offer() } satisfies SideMessage)
    const { channel } = await attempt.opened
    await channel.send(pattern(65_536, 0))
    child.kill('SIGKILL')
    const sending = (async () => {
      for (let index = 0; ; index++) await channel.send(pattern(65_536, index % 4))
    })()
    const reading = messagesOf(channel).next()
    await once(child, 'exit')
    attempt.close()
    await assert.rejects(sending, { code: 'interrupted' })
    assert.equal((await reading).done, true)
  })
}
