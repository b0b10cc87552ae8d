/** Agents in networks that let nothing out but through a proxy, often one that signs with an authority of its own. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import type { EmbeddedEdge } from '../../agent/edge/embedded/embedded-edge.ts'
import { words } from '../../protocol/meeting/words.ts'
import { agentsEdge, startAgent } from '../support/agents.ts'
import { makeAuthority, noOpenssl, tlsBefore } from '../support/edge/certificates.ts'
import { startForwardProxy } from '../support/edge/forward-proxy.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let edge: EmbeddedEdge
before(async () => {
  edge = await agentsEdge()
})
after(() => edge.close())

type Case = readonly [address: string, env: Record<string, string>, reason: RegExp]

/** Sends and receives one file by the given environments, and returns how both ended. */
async function transfer(
  t: TestContext,
  address: string,
  sending: Record<string, string>,
  receiving: Record<string, string>,
): Promise<(number | null)[]> {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'plan.txt')
  await writeFile(file, 'the content')
  const sender = startAgent(t, ['send', file, '--edge', address], { env: sending })
  const { code } = await sender.event('code')
  await sender.event('waiting')
  const out = path.join(folder, 'got.txt')
  const args = ['receive', '--edge', address, '--out', out]
  const receiver = startAgent(t, args, { env: receiving, input: `${code}\n` })
  const exits = await Promise.all([sender.exit, receiver.exit])
  assert.equal(await readFile(out, 'utf8').catch(() => JSON.stringify(receiver.events)), 'the content')
  return exits
}

test(
  'an https edge is reached through a proxy with a password, by an authority that only this machine trusts',
  { skip: noOpenssl },
  async (t) => {
    const authority = await makeAuthority(t)
    const port = await tlsBefore(t, Number(edge.url.port), await authority.sign('edge.test'))
    const proxy = await startForwardProxy(t, { hosts: { 'edge.test': port }, credentials: 'me:p@ss word' })
    const address = `http://me:p%40ss%20word@${proxy.url.host}`
    const exits = await transfer(
      t,
      'https://edge.test',
      { HTTPS_PROXY: address, SSL_CERT_FILE: authority.file },
      { https_proxy: address, NODE_EXTRA_CA_CERTS: authority.file },
    )
    assert.deepEqual(exits, [0, 0])
    assert.deepEqual(new Set(proxy.seen), new Set(['CONNECT edge.test:443']))
  },
)

test('a plain http edge is reached through a proxy, requests and room', async (t) => {
  const proxy = await startForwardProxy(t, { hosts: { 'edge.test': Number(edge.url.port) } })
  const env = { HTTP_PROXY: proxy.url.href }
  assert.deepEqual(await transfer(t, 'http://edge.test', env, env), [0, 0])
  const [opened, ...seated] = proxy.seen
  assert.equal(opened, 'POST http://edge.test/rooms')
  assert.ok(
    seated.length >= 2 && seated.every((line) => /^upgrade http:\/\/edge\.test\/rooms\/\d+$/.test(line)),
  )
})

test('a proxy that refuses is named, with what it wants', async (t) => {
  const proxy = await startForwardProxy(t, { hosts: { 'edge.test': 1 }, credentials: 'me:right' })
  const wrong = `http://me:wrong@${proxy.url.host}`
  const cases: readonly Case[] = [
    ['https://edge.test', { HTTPS_PROXY: wrong }, /user name and a password/],
    ['http://edge.test', { HTTP_PROXY: wrong }, /user name and a password/],
    [
      'https://other.test',
      { ALL_PROXY: wrong.replace('wrong', 'right') },
      /it refuses the connection \(403\)/,
    ],
    ['https://edge.test', { HTTPS_PROXY: 'http://127.0.0.1:2' }, /the proxy 127\.0\.0\.1:2: nothing listens/],
  ]
  for (const [address, env, reason] of cases) {
    // oxlint-disable-next-line no-await-in-loop -- one agent after the other
    const { exit, code, detail } = await startAgent(t, ['export', 'batteries', '--edge', address], {
      env,
    }).failure()
    assert.deepEqual([exit, code], [3, 'edge_unreachable'], String(detail))
    assert.match(detail ?? '', reason)
    assert.doesNotMatch(detail ?? '', /wrong|right/)
  }
})

test(
  'a certificate that is not trusted is named with its issuer, directly and through a proxy',
  { skip: noOpenssl },
  async (t) => {
    const authority = await makeAuthority(t)
    const ports = await Promise.all(
      [authority.sign('localhost'), authority.sign('localhost', -1), authority.sign('other.test')].map(
        async (certificate) => tlsBefore(t, Number(edge.url.port), await certificate),
      ),
    )
    const [unknown = 0, expired = 0, other = 0] = ports
    const proxy = await startForwardProxy(t, { hosts: { 'edge.test': unknown } })
    const trusting = { SSL_CERT_FILE: authority.file }
    const cases: readonly Case[] = [
      [
        `https://localhost:${unknown}`,
        { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
        /^the certificate of localhost:\d+ is signed by 'Acme Network, Acme Root'/,
      ],
      [
        'https://edge.test',
        { HTTPS_PROXY: proxy.url.href },
        /edge\.test is signed by 'Acme Network, Acme Root'/,
      ],
      [`https://localhost:${expired}`, trusting, /of localhost:\d+, valid until .* GMT, has expired/],
      [`https://localhost:${other}`, trusting, /\(DNS:other\.test\) is for another name/],
    ]
    for (const [address, env, reason] of cases) {
      // The first thing that a receiver opens is a WebSocket, which tells nothing by itself.
      const commands = [['export', 'batteries'], ...(env === trusting ? [] : [['receive']])]
      // oxlint-disable-next-line no-await-in-loop -- two agents after two others
      const failures = await Promise.all(
        commands.map((command) =>
          startAgent(t, [...command, '--edge', address], {
            env,
            input: `7-${words[0]}-${words[1]}\n`,
          }).failure(),
        ),
      )
      for (const { exit, code, detail } of failures) {
        assert.deepEqual([exit, code], [3, 'edge_untrusted'], String(detail))
        assert.match(detail ?? '', reason)
      }
    }
  },
)
