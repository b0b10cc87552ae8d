/** `GET /token-proof?nonce=...`: the edge shows that it knows the hash of the token that may write to it. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { NONCE_PATTERN, tokenProof } from '../token-proof.ts'
import { answerProblem } from './door-problems.ts'
import { plainAddress } from '../access/addresses.ts'

/** Answers with a proof for each token that is known. The address is that of the socket, never what the request says. */
export function answerTokenProof(
  { url = '', socket }: IncomingMessage,
  outgoing: ServerResponse,
  tokenHashes: readonly Uint8Array[],
): void {
  const clientNonce = new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('nonce') ?? ''
  if (!NONCE_PATTERN.test(clientNonce)) return answerProblem(outgoing, 'bad_request')
  if (tokenHashes.length === 0) return answerProblem(outgoing, 'writes_disabled')
  const question = {
    host: plainAddress(socket.localAddress ?? '') ?? '',
    port: socket.localPort ?? 0,
    clientNonce,
    edgeNonce: randomBytes(32).toString('hex'),
  }
  const proofs = tokenHashes.map((hash) => tokenProof(hash, question))
  const body = JSON.stringify({ host: question.host, port: question.port, nonce: question.edgeNonce, proofs })
  outgoing.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body)
}
