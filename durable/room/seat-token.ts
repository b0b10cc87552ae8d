/** Seat tokens: 128 random bits shown by whoever takes a seat again; the room stores and compares SHA-256 values only. */
import { offeredProtocols, TOKEN, tokenOfProtocols } from '../../protocol/meeting/room.ts'

const TOKEN_BYTES = 16

/** A new token in base64url and its SHA-256. */
export async function newToken(): Promise<{ token: string; hash: Uint8Array }> {
  const bits = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES))
  const token = btoa(String.fromCharCode(...bits))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
  return { token, hash: await hashToken(token) }
}

/** SHA-256 of the token's text. */
export async function hashToken(token: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)))
}

/** What a client shows on its upgrade; `undefined` when it shows nothing, empty (and so nobody's) when it is malformed. */
export function offeredToken(headers: Headers): string | undefined {
  const authorization = headers.get('authorization')
  const inProtocol = tokenOfProtocols(offeredProtocols(headers.get('sec-websocket-protocol')))
  if (authorization === null && inProtocol === undefined) return undefined
  const token = authorization === null ? inProtocol : /^Bearer (.*)$/i.exec(authorization)?.[1]
  return token !== undefined && TOKEN.test(token) ? token : ''
}
