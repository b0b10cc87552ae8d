import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import test, { type TestContext } from 'node:test'
import { MdnsLookup } from '../../../transport/ice/mdns-lookup.ts'

/** A host that answers for `name` by multicast, as browsers do. */
async function startResponder(t: TestContext, name: string, address: number[]): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  t.after(() => socket.close())
  socket.on('message', (question) => {
    if (!question.includes(name.slice(0, 8)) || question.readUInt16BE(2) !== 0) return
    const answer = Buffer.concat([
      Buffer.from('000084000000000100000000', 'hex'),
      question.subarray(12, -4),
      Buffer.from('00018001000000780004', 'hex'),
      Buffer.from(address),
    ])
    socket.send(answer, 5_353, '224.0.0.251')
  })
  socket.bind(5_353)
  await once(socket, 'listening')
  socket.addMembership('224.0.0.251')
  return socket
}

test('a name is found by multicast, and one that nobody has is given up when the look-up is closed', async (t) => {
  const mdns = new MdnsLookup()
  t.after(() => mdns.close())
  try {
    await startResponder(t, 'somebody.local', [192, 0, 2, 7])
  } catch (error) {
    return t.skip(`there is no multicast here: ${String(error)}`)
  }
  assert.equal(await mdns.lookup('somebody.local'), '192.0.2.7')
  const nobody = assert.rejects(mdns.lookup('nobody.local'))
  mdns.close()
  await nobody
  await assert.rejects(mdns.lookup('somebody.local'), /closed/)
})

test('only so many names are asked for at a time', async (t) => {
  const mdns = new MdnsLookup()
  t.after(() => mdns.close())
  const many = Array.from({ length: 17 }, (_, index) => mdns.lookup(`name-${index}.local`).catch(String))
  assert.match((await many.at(-1)) ?? '', /too many/)
  mdns.close()
  assert.equal((await Promise.all(many)).length, 17)
})
