/** Signals: what opens a data channel is accepted, everything else is refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_SIGNAL_BYTES, encodeSignal, parseSignal } from '../../../protocol/meeting/signals.ts'
import type { Signal } from '../../../protocol/meeting/signals.ts'

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':')
const sdp = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  `a=fingerprint:sha-256 ${fingerprint}`,
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=mid:0',
  'a=sctp-port:5000',
  '',
].join('\r\n')

const candidate = {
  type: 'candidate',
  attempt: 1,
  candidate: 'candidate:1 1 udp 2113937151 192.0.2.7 49203 typ host',
  sdpMid: '0',
  sdpMLineIndex: 0,
} as const

function parse(value: unknown): Signal {
  return parseSignal(new TextEncoder().encode(JSON.stringify(value)))
}
function refused(value: unknown, why: string): void {
  assert.throws(() => parse(value), { code: 'broken_protocol' }, why)
}

test('offers, answers and candidates parse to what was encoded', () => {
  const signals: Signal[] = [
    { type: 'offer', attempt: 0, sdp },
    { type: 'answer', attempt: 2, sdp },
    { type: 'offer', attempt: 1, sdp, host: 'a0'.repeat(32) },
    candidate,
    { type: 'no-relay' },
  ]
  for (const signal of signals) assert.deepEqual(parseSignal(encodeSignal(signal)), signal)
})

test('a signal that is truncated, too long, of an unknown type or with unknown fields is refused', () => {
  refused({ type: 'bye', attempt: 0 }, 'unknown type')
  refused({ type: 'offer', attempt: 0 }, 'no SDP')
  refused({ type: 'offer', attempt: 0, sdp, extra: true }, 'a field more')
  refused({ type: 'offer', attempt: 0, sdp, host: 'a0' }, 'a short proof of the host')
  refused({ ...candidate, host: 'a0'.repeat(32) }, 'a proof where none belongs')
  refused({ type: 'no-relay', attempt: 0 }, 'an attempt where there is none')
  refused(null, 'null')
  const whole = encodeSignal(candidate)
  assert.throws(() => parseSignal(whole.subarray(0, -1)), { code: 'broken_protocol' })
  assert.throws(() => parseSignal(new Uint8Array(0)), { code: 'broken_protocol' })
  assert.throws(() => parseSignal(Uint8Array.of(0xff)), { code: 'broken_protocol' })
  const tooLong = new TextEncoder().encode(JSON.stringify(candidate).padEnd(MAX_SIGNAL_BYTES + 1))
  assert.throws(() => parseSignal(tooLong), { code: 'broken_protocol', detail: /too long/ })
  parseSignal(tooLong.subarray(0, -1))
})

test('attempt numbers outside 0 to 2 are refused', () => {
  for (const attempt of [-1, 3, 1.5, '0', null]) refused({ type: 'offer', attempt, sdp }, String(attempt))
})

test('SDP must describe exactly one data channel', () => {
  const media = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n'
  refused({ type: 'offer', attempt: 0, sdp: sdp + media }, 'two sections')
  refused({ type: 'offer', attempt: 0, sdp: `${sdp}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n` }, 'audio beside it')
  refused({ type: 'answer', attempt: 0, sdp: sdp.replace('m=application', 'm=video') }, 'video instead')
  refused({ type: 'answer', attempt: 0, sdp: sdp.replace(media, '') }, 'none')
  refused(
    { type: 'offer', attempt: 0, sdp: sdp.replaceAll('\r\n', '\r') + 'm=audio 1 x 1' },
    'hidden by bare returns',
  )
})

test('SDP must have at least one certificate fingerprint, and only SHA-256', () => {
  const line = `a=fingerprint:sha-256 ${fingerprint}`
  const sha1 = `a=fingerprint:sha-1 ${fingerprint.slice(0, 59)}`
  refused({ type: 'offer', attempt: 0, sdp: sdp.replace(line, 'a=setup:actpass') }, 'none')
  refused({ type: 'offer', attempt: 0, sdp: sdp.replace(line, sha1) }, 'another hash')
  refused(
    { type: 'offer', attempt: 0, sdp: sdp.replace(line, `${line}\r\n${sha1}`) },
    'another hash beside it',
  )
  refused({ type: 'offer', attempt: 0, sdp: sdp.replace(line, line.slice(0, -3)) }, 'cut short')
  refused(
    { type: 'offer', attempt: 0, sdp: sdp.replace(line, line.toUpperCase().replace('A=', 'A=x')) },
    'odd case',
  )
  parse({ type: 'offer', attempt: 0, sdp: sdp.replace(line, `${line}\r\n${line.toLowerCase()}`) })
})

test('SDP of more than 12,000 characters is refused', () => {
  const long = `${sdp}a=x:`
  refused({ type: 'offer', attempt: 0, sdp: long.padEnd(12_001, 'y') }, 'one character too many')
  refused({ type: 'offer', attempt: 0, sdp: `${long}${'y'.repeat(16_384)}` }, 'far too long')
  parse({ type: 'offer', attempt: 0, sdp: long.padEnd(12_000, 'y') })
})

test('candidates inside SDP have the same limits as those that trickle', () => {
  const end = '1 udp 2122 192.0.2.1 50000 typ host'
  refused({ type: 'offer', attempt: 0, sdp: `${sdp}a=candidate:${'1'.repeat(600)} ${end}\r\n` }, 'too long')
  refused({ type: 'offer', attempt: 0, sdp: `${sdp}a=candidate:1\u202E ${end}\r\n` }, 'not printable')
  parse({ type: 'offer', attempt: 0, sdp: `${sdp}a=candidate:1 ${end}\r\n` })
})

test('a candidate is one line of printable ASCII', () => {
  const texts = [
    '',
    'candidate:',
    'a=candidate:1',
    'candidate:1\r\na=ice-lite',
    'candidate:1\u202E',
    `candidate:${'1'.repeat(501)}`,
    `candidate:${'1'.repeat(600)} 1 udp 2122 192.0.2.1 50000 typ host`,
  ]
  for (const text of texts) refused({ ...candidate, candidate: text }, JSON.stringify(text))
  refused({ ...candidate, sdpMid: '0\r\n' }, 'a mid with a line end')
  refused({ ...candidate, sdpMid: '' }, 'no mid')
  refused({ ...candidate, sdpMLineIndex: -1 }, 'a negative index')
})

test('encoding a signal that is too long for the room is an internal error', () => {
  assert.throws(() => encodeSignal({ type: 'offer', attempt: 0, sdp: 'a'.repeat(MAX_SIGNAL_BYTES) }), {
    code: 'internal',
  })
})
