/** The room's text frames, close codes and numbers: their exact text, and what is refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VoltdropError } from '../../../protocol/errors.ts'
import * as room from '../../../protocol/meeting/room.ts'
import { ROOM_NUMBER } from '../../../protocol/meeting/room-number.ts'

const token = 'AAAAAAAAAAAAAAAAAAAA_-'

const fromRoom: [room.RoomMessage, string][] = [
  [{ type: 'seated', seat: 'host' }, '{"type":"seated","seat":"host"}'],
  [{ type: 'seated', seat: 'guest', token }, `{"type":"seated","seat":"guest","token":"${token}"}`],
  [{ type: 'paired', ice_servers: [], relay: false }, '{"type":"paired","ice_servers":[],"relay":false}'],
  [
    {
      type: 'paired',
      ice_servers: [{ urls: ['turn:t.example:3478?transport=udp'], username: 'u', credential: 'c' }],
      relay: true,
    },
    '{"type":"paired","ice_servers":[{"urls":["turn:t.example:3478?transport=udp"],"username":"u","credential":"c"}],"relay":true}',
  ],
  [{ type: 'peer-left' }, '{"type":"peer-left"}'],
]

test('each message of the room encodes to one text and parses from it', () => {
  for (const [message, text] of fromRoom) {
    assert.equal(room.encodeRoomMessage(message), text)
    assert.deepEqual(room.parseRoomMessage(text), message)
  }
})

test('each message of an agent encodes to one text and parses from it', () => {
  for (const type of ['met', 'failed'] as const) {
    assert.equal(room.encodeClientMessage({ type }), `{"type":"${type}"}`)
    assert.deepEqual(room.parseClientMessage(`{"type":"${type}"}`), { type })
  }
})

function brokenProtocol(error: unknown) {
  return error instanceof VoltdropError && error.code === 'broken_protocol'
}

const notFromRoom = [
  '',
  'pong',
  'null',
  '[]',
  '{}',
  '{"type":"met"}',
  '{"type":"seated"}',
  '{"type":"seated","seat":"guest","token":"short"}',
  '{"type":"seated","seat":"thief"}',
  '{"type":"peer-left","why":"x"}',
  '{"type":"paired","ice_servers":[]}',
  '{"type":"paired","ice_servers":{},"relay":false}',
  '{"type":"paired","ice_servers":[{"urls":"stun:a"}],"relay":false}',
  '{"type":"paired","ice_servers":[{"urls":[]}],"relay":false}',
  '{"type":"paired","ice_servers":[{"urls":["http://a"]}],"relay":false}',
  '{"type":"paired","ice_servers":[{"urls":["stun:a b"]}],"relay":false}',
  '{"type":"paired","ice_servers":[{"urls":["turn:user@a"]}],"relay":false}',
  '{"type":"paired","ice_servers":[{"urls":["turn:a/path?transport=tcp"]}],"relay":false}',
  '{"type":"paired","ice_servers":[{"urls":["turn:a"],"username":"GET / HTTP/1.0\\r\\n","credential":"c"}],"relay":false}',
  '{"type":"paired","ice_servers":[{"urls":["turn:a"],"username":"u","credential":"\\u0000"}],"relay":false}',
  JSON.stringify({ type: 'paired', ice_servers: Array(17).fill({ urls: ['stun:a'] }), relay: false }),
  `{"type":"peer-left"${' '.repeat(room.MAX_FRAME_BYTES)}}`,
  '['.repeat(16_000),
]

test('text that is not a message of the room is refused as broken_protocol', () => {
  for (const text of notFromRoom) {
    assert.throws(() => room.parseRoomMessage(text), brokenProtocol, text.slice(0, 80))
  }
})

test('text that is not a message of an agent is refused as broken_protocol', () => {
  for (const text of [
    '',
    'ping',
    '{}',
    '{"type":"peer-left"}',
    '{"type":"met","x":1}',
    `{"type":"met"${' '.repeat(64)}}`,
  ]) {
    assert.throws(() => room.parseClientMessage(text), brokenProtocol, text.slice(0, 80))
  }
})

test('the answer to POST /rooms is refused unless every field is valid', () => {
  const opened = { number: 7, token, expires_at: '2026-11-22T10:00:00.000Z' }
  assert.deepEqual(room.parseOpenedRoom(JSON.stringify(opened)), opened)
  assert.equal(room.parseOpenedRoom(JSON.stringify({ ...opened, relay: false })).relay, false)
  const wrong = [
    { number: 0 },
    { number: 1_000_000 },
    { number: '7' },
    { token: 'x' },
    { expires_at: 'soon' },
    { relay: 'no' },
    { more: 1 },
  ]
  for (const change of wrong) {
    assert.throws(() => room.parseOpenedRoom(JSON.stringify({ ...opened, ...change })), brokenProtocol)
  }
})

test('each close code of PROTOCOL.md stands for one failure', () => {
  const table: [room.Closing, number, string | undefined][] = [
    ['done', 1000, undefined],
    ['policy', 1008, 'broken_protocol'],
    ['too_big', 1009, 'broken_protocol'],
    ['no_such_room', 4000, 'no_such_room'],
    ['meeting_timeout', 4001, 'meeting_timeout'],
    ['wrong_code', 4002, 'wrong_code'],
    ['broken_protocol', 4003, 'broken_protocol'],
    ['replaced', 4004, 'interrupted'],
  ]
  for (const [closing, code, failure] of table) {
    assert.equal(room.closeCode(closing), code)
    assert.equal(room.failureOfClose(code), failure)
  }
  for (const code of [1001, 1005, 1006, 1011, 1012, 4999])
    assert.equal(room.failureOfClose(code), 'edge_unreachable')
})

test('room numbers are 1 to 999999 without leading zeros', () => {
  for (const good of ['1', '7', '99', '999999']) assert.match(good, ROOM_NUMBER)
  for (const bad of ['', '0', '01', '1000000', '-1', '1.0', ' 1', '1\n', '٧'])
    assert.doesNotMatch(bad, ROOM_NUMBER)
})

test('a token is found among the offered subprotocols', () => {
  const header = ` ${room.SUBPROTOCOL} ,${room.tokenSubprotocol(token)}`
  const names = room.offeredProtocols(header)
  assert.deepEqual(names, ['voltdrop.v1', `token.${token}`])
  assert.equal(room.tokenOfProtocols(names), token)
  assert.equal(room.tokenOfProtocols(room.offeredProtocols(null)), undefined)
})
