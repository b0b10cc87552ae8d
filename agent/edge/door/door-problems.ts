/** What the door of the embedded edge refuses itself, as problem documents (RFC 9457) like those of the Worker. */
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

export const doorProblems = {
  bad_request: { status: 400, title: 'The request could not be understood.' },
  origin_refused: { status: 403, title: 'Pages of this origin may not do that.' },
  not_found: { status: 404, title: 'There is nothing at this address.' },
  body_too_large: { status: 413, title: 'The body is too large.' },
  wrong_host: { status: 421, title: 'This edge does not answer under that name.' },
  writes_disabled: { status: 503, title: 'This edge does not take writes: it has no token.' },
  unavailable: { status: 503, title: 'The edge cannot answer at the moment.' },
} as const

export type DoorProblem = keyof typeof doorProblems

/** An edge that starts or whose runtime is started again answers after about this long. */
const RETRY_AFTER_SECONDS = 1

/** What an operator who meets them has to do. */
const details: { readonly [code in DoorProblem]?: string } = {
  wrong_host:
    'an edge on the loopback answers this machine only; --behind-proxy names a proxy in front, --host lets others in',
  origin_refused: 'an edge on the loopback answers its own pages only; ALLOWED_ORIGINS names others',
}

function problemParts(code: DoorProblem): { status: number; headers: Record<string, string>; body: string } {
  const { status, title } = doorProblems[code]
  const body = JSON.stringify({
    type: `urn:voltdrop:problem:${code}`,
    title,
    status,
    code,
    detail: details[code],
  })
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(code === 'unavailable' ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {}),
    },
    body,
  }
}

export function answerProblem(outgoing: ServerResponse, code: DoorProblem): void {
  const { status, headers, body } = problemParts(code)
  outgoing.writeHead(status, headers).end(body)
}

/**
 * The same on the socket of a request that wants to upgrade, for which Node makes no response. A client that does not close its own end
 * is not waited for.
 */
export function endWithProblem(socket: Duplex, code: DoorProblem): void {
  const { status, headers, body } = problemParts(code)
  const text = `${responseHead(status, '', { ...headers, connection: 'close' })}${body}`
  socket.end(text, () => socket.destroy())
}

/** Status line and headers (RFC 9112 section 4), ended by the empty line. */
export function responseHead(
  status: number,
  reason: string,
  headers: Readonly<Record<string, number | string | readonly string[] | undefined>>,
): string {
  const fields = Object.entries(headers).flatMap(([name, values]) =>
    values === undefined ? [] : [values].flat().map((value) => `${name}: ${value}\r\n`),
  )
  return `HTTP/1.1 ${status} ${reason}\r\n${fields.join('')}\r\n`
}
