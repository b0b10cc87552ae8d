/**
 * How an edge shows that it knows the hash of a token, before it is given the token: a MAC that is bound to the address at which the
 * edge was reached, so that a program on another port cannot pass the question on to the edge and show its answer.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

export const TOKEN_PROOF_PATH = '/token-proof'

/** Of each side, in hex. */
export const NONCE_PATTERN = /^[0-9a-f]{64}$/

const LABEL = 'voltdrop token proof v1'

/** What a proof is about. `host` and `port` are those of the edge's own socket. */
export type TokenQuestion = {
  readonly host: string
  readonly port: number
  readonly clientNonce: string
  readonly edgeNonce: string
}

/** HMAC-SHA-256 (RFC 2104) in hex. The key is SHA-256 of the token; each field ends with a line feed, which none contains. */
export function tokenProof(tokenHash: Uint8Array, question: TokenQuestion): string {
  const { host, port, clientNonce, edgeNonce } = question
  const text = [LABEL, host, port, clientNonce, edgeNonce].map((field) => `${field}\n`).join('')
  return createHmac('sha256', tokenHash).update(text).digest('hex')
}

export function isTokenProof(proof: string, tokenHash: Uint8Array, question: TokenQuestion): boolean {
  const expected = Buffer.from(tokenProof(tokenHash, question), 'hex')
  const given = Buffer.from(proof, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
