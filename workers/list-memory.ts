/**
 * Lists that were just asked for, kept for a moment in the memory of the isolate: a burst of readers costs one query. Answers may be
 * cached for a minute anyway; here they are at most as old as LIST_MEMORY_SECONDS says, a write through this isolate clears them, and
 * `Cache-Control: no-cache` in a request looks past them.
 */
import type { MiddlewareHandler } from 'hono'
import type { Env } from './env.ts'
import { names } from './freshness.ts'

type Kept = {
  readonly body: ArrayBuffer
  readonly headers: Readonly<Record<string, string>>
  readonly readAtMs: number
}

/** Of the 128 MB of an isolate. */
const maxBytes = 8_388_608
/** A page of a hundred full rows is half of that. */
const maxListBytes = 524_288

const lists = new Map<string, Kept>()
let bytes = 0
/** Rises with each write: what was read before it is not kept after it. */
let generation = 0

/** To be called when something has been written. */
export function forgetLists(): void {
  lists.clear()
  bytes = 0
  generation++
}

function forget(address: string, { body }: Kept): void {
  if (lists.delete(address)) bytes -= body.byteLength
}

function keep(address: string, list: Kept): void {
  const former = lists.get(address)
  if (former !== undefined) forget(address, former)
  lists.set(address, list)
  bytes += list.body.byteLength
  for (const [oldest, kept] of lists) {
    if (bytes <= maxBytes) return
    forget(oldest, kept)
  }
}

/** Answers a list from memory, or keeps the answer. */
export const rememberLists: MiddlewareHandler<{ Bindings: Env }> = async function rememberLists(c, next) {
  const lifeMs = Number(c.env.LIST_MEMORY_SECONDS ?? 0) * 1000
  const fresh = /\bno-(cache|store)\b/.test(c.req.header('cache-control') ?? '')
  if (c.req.method !== 'GET' || !(lifeMs > 0) || fresh) return next()

  const address = c.req.url
  const kept = lists.get(address)
  const now = Date.now()
  if (kept !== undefined && now - kept.readAtMs < lifeMs) {
    const ifNoneMatch = c.req.header('if-none-match')
    const held = ifNoneMatch !== undefined && names(ifNoneMatch, kept.headers['etag'] ?? '')
    return held ? c.body(null, 304, kept.headers) : c.body(kept.body, 200, kept.headers)
  }

  const before = generation
  await next()
  if (c.res.status !== 200 || generation !== before) return
  const body = await c.res.clone().arrayBuffer()
  if (body.byteLength > maxListBytes) return
  const headers = Object.fromEntries(c.res.headers)
  keep(address, { body, headers, readAtMs: now })
}
