/** What an export does when the catalogue changes between two of its pages: a file has rows of one revision only. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { streamExport, type Exported } from '../../../workers/catalogue/export/stream-export.ts'

type Item = { id: number }

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
  const { revision, stream } = await streamExport(source)
  assert.equal(revision, 7)
  assert.equal((await textOf(stream)).trimEnd().split('\r\n').length, 1 + 6_000)
  assert.ok(source.pages > 1)
})

test('an export breaks off when the catalogue changes, so that no file mixes two revisions', async () => {
  for (const revisions of [
    [7, 8],
    [7, 7, 8],
  ]) {
    const { stream } = await streamExport(listing(revisions))
    await assert.rejects(textOf(stream), { code: 'catalogue_changed' })
  }
})

test('a page is read only after the client has taken the one before', async () => {
  const source = listing([7])
  const { stream } = await streamExport(source)
  await stream.getReader().read()
  assert.equal(source.pages, 1)
})
