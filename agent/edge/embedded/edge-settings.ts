/** The settings of an edge, as its operator gives them in the environment: checked at the start, because a wrong one would only be seen by others. */
import { VoltdropError } from '../../../protocol/errors.ts'
import { STUN_SERVER_URL, TURN_SERVER_URL } from '../../../protocol/meeting/ice-server-url.ts'

type Check = { readonly expected: string; readonly holds: (value: string) => boolean }

function each(holds: (item: string) => boolean) {
  return (value: string) => value.split(',').every((item) => holds(item.trim()))
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text
}

const sha256: Check = { expected: '64 hexadecimal digits', holds: (value) => /^[0-9a-f]{64}$/i.test(value) }
/** What a header and a path take. */
const credential: Check = {
  expected: 'printable text without spaces',
  holds: (value) => /^[!-~]{1,512}$/.test(value),
}
/** A line of coturn's configuration. */
const sharedSecret: Check = {
  expected: 'one line of text',
  holds: (value) => !/\p{Cc}/u.test(value) && value.trim() === value,
}

const wholeNumber: Check = {
  expected: 'a whole number from 1',
  holds: (value) => /^[1-9]\d{0,8}$/.test(value),
}

const checks: Readonly<Record<string, Check>> = {
  STUN_URLS: {
    expected: 'stun:HOST[:PORT], separated by commas',
    holds: each((url) => STUN_SERVER_URL.test(url)),
  },
  TURN_URLS: {
    expected: 'turn:HOST[:PORT][?transport=udp|tcp], separated by commas',
    holds: each((url) => TURN_SERVER_URL.test(url)),
  },
  TURN_SECRET: sharedSecret,
  TURN_KEY_ID: credential,
  TURN_KEY_API_TOKEN: credential,
  WRITE_TOKEN_SHA256: sha256,
  WRITE_TOKEN_SHA256_NEXT: sha256,
  ALLOWED_ORIGINS: {
    expected: 'origins such as https://page.example, separated by commas',
    holds: each(isOrigin),
  },
  ROOM_MAX_WAIT_SECONDS: wholeNumber,
  ROOMS_PER_ADDRESS: wholeNumber,
}

/** Settings of which one is useless without the other. */
const pairs = [
  ['TURN_URLS', 'TURN_SECRET'],
  ['TURN_KEY_ID', 'TURN_KEY_API_TOKEN'],
] as const

/** @throws VoltdropError `usage` with the name of the first wrong one; its value, which may be a secret, is not repeated. */
export function checkEdgeSettings(settings: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(settings)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check !== undefined && !check.holds(value))
      throw new VoltdropError('usage', `${name}: ${check.expected} expected`)
  }
  for (const [one, other] of pairs) {
    if ((settings[one] === undefined) === (settings[other] === undefined)) continue
    const [given, missing] = settings[one] === undefined ? [other, one] : [one, other]
    throw new VoltdropError('usage', `${given} is set, but ${missing} is not`)
  }
}
