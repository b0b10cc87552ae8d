/** Asks an edge on this machine to show that it knows the hash of a token, before the token is sent to whoever has that port. */
import { createHash, randomBytes } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import * as z from 'zod/mini'
import { VoltdropError } from '../../protocol/errors.ts'
import { parseJson } from '../../protocol/parse-json.ts'
import type { Secret } from '../../protocol/secret.ts'
import { endpointText, isLoopbackHost, plainAddress } from './access/addresses.ts'
import { isTokenProof, NONCE_PATTERN, TOKEN_PROOF_PATH } from './token-proof.ts'

const ANSWER_MS = 5_000
/** Two proofs are less than 400 bytes. */
const MAX_ANSWER_BYTES = 4_096

const answerBody = z.object({
  host: z.string(),
  port: z.int(),
  nonce: z.string().check(z.regex(NONCE_PATTERN)),
  proofs: z.array(z.string().check(z.regex(/^[0-9a-f]{64}$/))).check(z.maxLength(2)),
})

/** True for an edge on this machine, without TLS: nothing else says whose port it is. */
export function needsProof({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && isLoopbackHost(hostname)
}

/**
 * Resolves with the address of the edge as it was reached, which is where the token may go: a name such as localhost could lead elsewhere
 * the next time. @throws VoltdropError `edge_refused` when it shows no proof, `edge_unreachable`, `cancelled`.
 */
export async function requireTokenProof(edge: URL, token: Secret, signal: AbortSignal): Promise<URL> {
  const clientNonce = randomBytes(32).toString('hex')
  const { status, text, host, port } = await askForProof(edge, clientNonce, signal)
  const parsed = z.safeParse(answerBody, parseJson(text))
  if (status !== 200 || !parsed.success)
    throw noProof('the edge does not show that it knows a token, or is no Voltdrop edge')
  const { nonce: edgeNonce, proofs, ...said } = parsed.data
  if (said.host !== host || said.port !== port)
    throw noProof('another program listens there and passed the question on')
  const question = { host, port, clientNonce, edgeNonce }
  const tokenHash = createHash('sha256').update(token.reveal()).digest()
  if (!proofs.some((proof) => isTokenProof(proof, tokenHash, question)))
    throw notSent('this edge takes another one, or none: check VOLTDROP_TOKEN or --token-file')
  const reached = new URL(edge)
  reached.host = endpointText({ host, port })
  return reached
}

function noProof(why: string): VoltdropError {
  return notSent(`${why}; --insecure-edge sends it all the same (wrangler dev)`)
}

function notSent(why: string): VoltdropError {
  return new VoltdropError('edge_refused', `the token was not sent: ${why}`)
}

type Answer = { readonly status: number; readonly text: string; readonly host: string; readonly port: number }

/** With `node:http`, which tells the address to which it connected, and without a proxy. */
async function askForProof(edge: URL, nonce: string, signal: AbortSignal): Promise<Answer> {
  const url = new URL(`${TOKEN_PROOF_PATH}?nonce=${nonce}`, edge)
  const deadline = AbortSignal.timeout(ANSWER_MS)
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(url, { agent: false, signal: AbortSignal.any([signal, deadline]) }, resolve).on('error', reject)
    })
    const { remoteAddress = '', remotePort = 0 } = response.socket
    const text = await readAnswer(response)
    return {
      status: response.statusCode ?? 0,
      text,
      host: plainAddress(remoteAddress) ?? '',
      port: remotePort,
    }
  } catch (error) {
    if (signal.aborted) throw new VoltdropError('cancelled', undefined, { cause: error })
    if (error instanceof VoltdropError) throw error
    throw new VoltdropError('edge_unreachable', edge.origin, { cause: error })
  }
}

async function readAnswer(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of response.setEncoding('utf8')) {
    text += String(part)
    if (text.length > MAX_ANSWER_BYTES) throw noProof('its answer is too long')
  }
  return text
}
