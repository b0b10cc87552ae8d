/** Reads the JSON body of a write. Its type and size are checked before its bytes, and those before its text is parsed. */
import type { HonoRequest } from 'hono'
import { jsonFault } from './json-faults.ts'
import { Problem } from './problem.ts'

/** An import has three levels, a single row one. */
const MAX_DEPTH = 8

const MEDIA_TYPES = ['application/json', 'application/merge-patch+json']

/** Refuses a body whose Content-Length is too large. Throws `body_too_large`. */
export function checkLength(request: HonoRequest, maxBytes: number): void {
  if (Number(request.header('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
}

/** Refuses what the headers alone rule out. Throws `unsupported_media_type`, `body_too_large`. */
export function checkBodyHeaders(request: HonoRequest, maxBytes: number): void {
  checkLength(request, maxBytes)
  const encoding = request.header('content-encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw unsupported('content-encoding', 'send the body without encoding')
  const [type = '', ...parameters] = (request.header('content-type') ?? '').toLowerCase().split(';')
  if (!MEDIA_TYPES.includes(type.trim()))
    throw unsupported('content-type', `one of ${MEDIA_TYPES.join(', ')}`)
  const charset = parameters.find((parameter) => parameter.trim().startsWith('charset='))
  if (charset !== undefined && !/^\s*charset="?utf-?8"?\s*$/.test(charset))
    throw unsupported('content-type', 'JSON is UTF-8')
}

/** The parsed body of at most `maxBytes`. Throws `unsupported_media_type`, `body_too_large` and `bad_body`. */
export async function readJson(request: HonoRequest, maxBytes: number): Promise<unknown> {
  checkBodyHeaders(request, maxBytes)
  const text = decoded(await readBytes(request.raw.body, maxBytes))
  const fault = jsonFault(text, MAX_DEPTH)
  if (fault !== undefined) throw new Problem('bad_body', { faults: [fault] })
  try {
    return JSON.parse(text)
  } catch (error) {
    const detail = error instanceof SyntaxError ? `not JSON: ${error.message.slice(0, 120)}` : 'not JSON'
    throw new Problem('bad_body', { faults: [{ pointer: '', detail }] })
  }
}

/** Content-Length may be false or absent, so the bytes that arrive are counted. */
async function readBytes(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body ?? []) {
    length += piece.length
    if (length > maxBytes) throw tooLarge(maxBytes)
    pieces.push(piece)
  }
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const piece of pieces) {
    bytes.set(piece, offset)
    offset += piece.length
  }
  return bytes
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    throw new Problem('bad_body', { faults: [{ pointer: '', detail: 'not UTF-8' }] })
  }
}

function tooLarge(maxBytes: number) {
  return new Problem('body_too_large', { detail: `at most ${maxBytes} bytes` })
}

function unsupported(header: string, detail: string) {
  return new Problem('unsupported_media_type', { faults: [{ header, detail }] })
}
