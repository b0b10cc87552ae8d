import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import { createServer } from 'node:tls'
import { makeStartAttempt } from '../../../transport/webrtc-attempt.ts'

test('a TURN server over TLS is reached at its pinned address under its name', async (t) => {
  const asked = Promise.withResolvers<string>()
  const server = createServer({
    SNICallback(name, done) {
      asked.resolve(name)
      done(new Error('there is no certificate'))
    },
  })
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const turn = {
    urls: [`turns:127.0.0.1:${address.port}`],
    username: 'u',
    credential: 'c',
    serverName: 'turn.test',
  }
  const attempt = makeStartAttempt({ transport: 'fast' })({
    iceServers: [turn],
    relayOnly: true,
    onCandidate() {},
  })
  await attempt.offer()
  assert.equal(await asked.promise, 'turn.test')
  attempt.close()
})
