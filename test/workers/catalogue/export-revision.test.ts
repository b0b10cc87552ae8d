/** What an export does when the catalogue changes between two of its pages: a file has rows of one revision only. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { streamExport, type Exported, type Turn } from '../../../workers/catalogue/export/stream-export.ts'

type Item = { id: number }

/** workerd's, which Node does not have. */
class DigestStream extends WritableStream<Uint8Array> {
  readonly digest: Promise<ArrayBuffer>

  constructor() {
    const hash = createHash('sha256')
    const { promise, resolve } = Promise.withResolvers<ArrayBuffer>()
    super({
      write(bytes) {
        hash.update(bytes)
      },
      close: () => resolve(Uint8Array.from(hash.digest()).buffer),
    })
    this.digest = promise
  }
}
Object.assign(globalThis.crypto, { DigestStream })

/** A turn that is never lost, and what it was ended with. */
function freeTurn(): Turn & { ended: unknown[] } {
  const ended: unknown[] = []
  return { keep: async () => {}, end: (digest) => ended.push(digest), ended }
}

/** A list of 6,000 rows. Page n is read at `revisions[n]`, later pages at the last of them. */
function listing(revisions: readonly number[]): Exported<Item> & { pages: number } {
  const rows = Array.from({ length: 6_000 }, (_, i) => ({ id: i + 1 }))
  return {
    pages: 0,
    resource: 'batteries',
    filters: {},
    format: 'csv',
    fields: ['id'],
    async list(after, limit) {
      const from = after?.id ?? 0
      const revision = revisions[Math.min(this.pages++, revisions.length - 1)] ?? 0
      return { revision, items: rows.slice(from, from + limit) }
    },
    position: ({ id }) => ({ id }),
  }
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of stream) text += decoder.decode(bytes, { stream: true })
  return text
}

test('pages of one revision make one file with every row', async () => {
  const source = listing([7])
  const turn = freeTurn()
  const { revision, stream } = await streamExport(source, turn)
  assert.equal(revision, 7)
  const text = await textOf(stream)
  assert.equal(text.trimEnd().split('\r\n').length, 1 + 6_000)
  const sha256 = createHash('sha256').update(text).digest('hex')
  assert.partialDeepStrictEqual(turn.ended, [{ revision: 7, rows: 6_000, bytes: text.length, sha256 }])
  assert.ok(source.pages > 1)
})

test('an export breaks off when the catalogue changes, so that no file mixes two revisions', async () => {
  for (const revisions of [
    [7, 8],
    [7, 7, 8],
  ]) {
    const turn = freeTurn()
    const { stream } = await streamExport(listing(revisions), turn)
    await assert.rejects(textOf(stream), { code: 'catalogue_changed' })
    assert.deepEqual(turn.ended, [undefined])
  }
})

test('a page is read only after the client has taken the one before', async () => {
  const source = listing([7])
  const { stream } = await streamExport(source, freeTurn())
  await stream.getReader().read()
  assert.equal(source.pages, 1)
})
