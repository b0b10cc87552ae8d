import assert from 'node:assert/strict'
import test from 'node:test'
import {
  announceDatagrams,
  announcedDatagrams,
  checkDescription,
  isUsableCandidate,
} from '../../../transport/ice/session-description.ts'

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':')
const lines = [
  'v=0',
  'o=- 1 0 IN IP4 0.0.0.0',
  's=-',
  't=0 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789abcdef012345',
  `a=fingerprint:sha-256 ${fingerprint}`,
  'a=setup:actpass',
  'a=mid:0',
]
const ATTRIBUTE = 'x-max-datagram'

function text(changed: string[]) {
  return `${changed.join('\r\n')}\r\n`
}

test('a description of one data channel is accepted, with and without candidates', () => {
  checkDescription(text(lines))
  checkDescription(text([...lines, 'a=candidate:1 1 UDP 2122 192.0.2.1 50000 typ host']))
})

test('a description that lacks a required line or has another section or fingerprint is refused', () => {
  function refused(changed: string[]) {
    return assert.throws(() => checkDescription(text(changed)), { code: 'broken_protocol' })
  }
  for (const lacking of [4, 5, 6, 7]) refused(lines.toSpliced(lacking, 1))
  refused([...lines, 'm=audio 9 UDP/TLS/RTP/SAVPF 0'])
  refused(lines.with(7, `a=fingerprint:sha-1 ${fingerprint}`))
  refused([...lines, 'a=candidate:1 1 udp 2122 internal.example 80 typ host'])
})

test('only candidates with literal addresses or mDNS names are usable', () => {
  for (const line of [
    'candidate:1 1 udp 2122 192.0.2.1 50000 typ host',
    'candidate:f 1 tcp 2122 2001:db8::1 9 typ host tcptype active',
    'candidate:f 1 UDP 2122 203.0.113.9 1 typ relay raddr 0.0.0.0 rport 0',
    'candidate:f 1 udp 2122 0f8fad5b-d9cb-469f-a165-70867728950e.local 50000 typ host generation 0',
  ]) {
    assert.ok(isUsableCandidate(line), line)
  }
  for (const line of [
    '',
    'candidate:1 1 udp 2122 example.org 50000 typ host',
    'candidate:1 1 udp 2122 a.b.local 50000 typ host',
    'candidate:1 2 udp 2122 192.0.2.1 50000 typ host',
    'candidate:1 1 udp 2122 192.0.2.1 70000 typ host',
    'candidate:1 1 udp 2122 192.0.2.1 0 typ host',
    'candidate:1 1 udp 2122 192.0.2.1 50000 typ other',
  ]) {
    assert.equal(isUsableCandidate(line), false, line)
  }
})

test('the largest datagram is announced and read back, at most what UDP takes', () => {
  for (const type of ['offer', 'answer'] as const) {
    const announced = announceDatagrams({ type, sdp: text(lines) }, ATTRIBUTE)
    checkDescription(announced)
    assert.equal(announcedDatagrams({ type, sdp: announced }, ATTRIBUTE), 65_507)
    function read(value: string) {
      return announcedDatagrams({ type, sdp: text([...lines, `a=${ATTRIBUTE}:${value}`]) }, ATTRIBUTE)
    }
    assert.equal(read(`99999 ${type}`), 65_507)
    assert.equal(read(`1e9 ${type}`), undefined)
    assert.equal(read('65507'), undefined)
    assert.equal(announcedDatagrams({ type, sdp: text(lines) }, ATTRIBUTE), undefined)
  }
})

test('the attribute announces nothing in an answer into which it was copied from the offer', () => {
  const copied = announceDatagrams({ type: 'offer', sdp: text(lines) }, ATTRIBUTE)
  assert.equal(announcedDatagrams({ type: 'answer', sdp: copied }, ATTRIBUTE), undefined)
})
