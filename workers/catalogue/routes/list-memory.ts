/**
 * Lists that were just asked for, kept for a moment in the memory of the isolate: a burst of readers costs one query. Answers may be
 * cached for a minute anyway; here they are at most as old as LIST_MEMORY_SECONDS says, a write through this isolate clears them, and
 * `Cache-Control: no-cache` in a request looks past them. Another isolate may answer with what it read up to that long ago.
 */
import type { MiddlewareHandler } from 'hono'
import type { Env } from '../../env.ts'
import { matchesTag } from './entity-tags.ts'

type Kept = {
  readonly body: ArrayBuffer
  readonly headers: Readonly<Record<string, string>>
  readonly readAtMs: number
}

/** A page of a hundred full rows is half of that. */
const MAX_LIST_BYTES = 524_288
/** Headers and bookkeeping of one list. A list without rows has hardly any body: counted by that alone, their number had no end. */
const OVERHEAD_BYTES = 2_048

/** Answers by address, the oldest given up when there are too many. */
export class ListMemory {
  readonly #maxBytes: number
  readonly #lists = new Map<string, Kept>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get count(): number {
    return this.#lists.size
  }

  find(address: string): Kept | undefined {
    return this.#lists.get(address)
  }

  keep(address: string, list: Kept): void {
    if (list.body.byteLength > MAX_LIST_BYTES) return
    this.#forget(address)
    this.#lists.set(address, list)
    this.#bytes += sizeOf(address, list)
    for (const oldest of this.#lists.keys()) {
      if (this.#bytes <= this.#maxBytes) return
      this.#forget(oldest)
    }
  }

  clear(): void {
    this.#lists.clear()
    this.#bytes = 0
  }

  #forget(address: string): void {
    const list = this.#lists.get(address)
    if (list === undefined) return
    this.#lists.delete(address)
    this.#bytes -= sizeOf(address, list)
  }
}

/** An address may be kept in two bytes a character. */
function sizeOf(address: string, { body }: Kept): number {
  return body.byteLength + 2 * address.length + OVERHEAD_BYTES
}

/** Of the 128 MB of an isolate. */
const memory = new ListMemory(8_388_608)
/** Rises with each write: what was read before it is not kept after it. */
let generation = 0

/** To be called when something has been written. */
export function forgetLists(): void {
  memory.clear()
  generation++
}

/** Answers a list from memory, or keeps the answer. */
export const rememberLists: MiddlewareHandler<{ Bindings: Env }> = async function rememberLists(c, next) {
  const lifeMs = Number(c.env.LIST_MEMORY_SECONDS ?? 0) * 1000
  const fresh = /\bno-(cache|store)\b/.test(c.req.header('cache-control') ?? '')
  if (c.req.method !== 'GET' || !(lifeMs > 0) || fresh) return next()

  const address = c.req.url
  const kept = memory.find(address)
  const now = Date.now()
  if (kept !== undefined && now - kept.readAtMs < lifeMs) {
    const ifNoneMatch = c.req.header('if-none-match')
    const held = ifNoneMatch !== undefined && matchesTag(ifNoneMatch, kept.headers['etag'] ?? '')
    return held ? c.body(null, 304, kept.headers) : c.body(kept.body, 200, kept.headers)
  }

  const before = generation
  await next()
  if (c.res.status !== 200 || generation !== before) return
  const body = await c.res.clone().arrayBuffer()
  memory.keep(address, { body, headers: Object.fromEntries(c.res.headers), readAtMs: now })
}
