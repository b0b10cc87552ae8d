/** The user's own ICE servers. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ownIceServers, parseIceFile } from '../../../agent/paths/ice-settings.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { Secret } from '../../../protocol/secret.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** The user trusts his own servers with the addresses of the other side. */
const own = { mayLearnHosts: true }

const none = {
  iceServerUrls: [],
  iceFile: undefined,
  iceUsername: undefined,
  iceCredential: undefined,
  relayOnly: false,
}

test('without own servers the list is undefined, so that those of the edge are used', async () => {
  assert.equal(await ownIceServers(none), undefined)
})

test('the credentials of the environment belong to turn: servers only', async () => {
  const servers = await ownIceServers({
    ...none,
    iceServerUrls: ['stun:a.example', 'turns:b.example:443?transport=tcp'],
    iceUsername: 'me',
    iceCredential: new Secret('hunter2'),
  })
  assert.deepEqual(servers, [
    { urls: ['stun:a.example'], ...own },
    { urls: ['turns:b.example:443?transport=tcp'], username: 'me', credential: 'hunter2', ...own },
  ])
})

test('with --relay-only own servers without a usable relay are refused, and no own servers are not', async () => {
  const relayOnly = { ...none, relayOnly: true }
  assert.equal(await ownIceServers(relayOnly), undefined)
  const stun = { ...relayOnly, iceServerUrls: ['stun:a.example'] }
  await assert.rejects(ownIceServers(stun), { code: 'no_path' })
  const login = { iceUsername: 'me', iceCredential: new Secret('hunter2') }
  const usable = { ...relayOnly, ...login, iceServerUrls: ['turn:a.example'] }
  assert.equal((await ownIceServers(usable))?.length, 1)
})

test('the servers of --ice-file follow those of --ice-server', async (t) => {
  const iceFile = join(await temporaryFolder(t), 'ice.json')
  const list = '[{"urls": "turn:c.example", "username": "you", "credential": "pass"}]'
  await writeFile(iceFile, list, { mode: 0o600 })
  assert.deepEqual(await ownIceServers({ ...none, iceServerUrls: ['stun:a.example'], iceFile }), [
    { urls: ['stun:a.example'], ...own },
    { urls: ['turn:c.example'], username: 'you', credential: 'pass', ...own },
  ])
})

test('a file that is not a list of ICE servers is refused without repeating its text', () => {
  for (const text of [
    'hunter2',
    '"hunter2"',
    '[]',
    '[{"urls": []}]',
    '[{"urls": "turn:x:hunter2@y"}]',
    '[{"urls": "turn:y", "password": "hunter2"}]',
  ]) {
    assert.throws(
      () => parseIceFile(text),
      (error) =>
        error instanceof VoltdropError &&
        ['usage', 'not_possible_here'].includes(error.code) &&
        /--ice-file/.test(error.detail ?? '') &&
        !/hunter2/.test(`${error.detail} ${error.message}`),
      text,
    )
  }
})

test('a file with credentials that others can read is refused, one without is not', async (t) => {
  const iceFile = join(await temporaryFolder(t), 'ice.json')
  await writeFile(iceFile, '[{"urls": "turn:c.example", "username": "you", "credential": "pass"}]', {
    mode: 0o644,
  })
  await assert.rejects(ownIceServers({ ...none, iceFile }), fails(/chmod 600/))
  await writeFile(iceFile, '[{"urls": "stun:c.example"}]')
  assert.deepEqual(await ownIceServers({ ...none, iceFile }), [
    { urls: ['stun:c.example'], username: undefined, credential: undefined, ...own },
  ])
})

test('a TURN server without both credentials is refused', async () => {
  const turn = { ...none, iceServerUrls: ['turn:a.example'] }
  await assert.rejects(ownIceServers(turn), fails(/VOLTDROP_ICE_CREDENTIAL/))
  await assert.rejects(ownIceServers({ ...turn, iceUsername: 'me' }), fails(/VOLTDROP_ICE_CREDENTIAL/))
})

function fails(detail: RegExp) {
  return (error: unknown) =>
    error instanceof VoltdropError && error.code === 'not_possible_here' && detail.test(error.detail ?? '')
}
