/** The export desk in real workerd: digests are computed once and remembered, and exports at once are limited. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import { upsertStatements } from '../../../drizzle/seed/seed-sql.ts'
import type { ExportDigest } from '../../../protocol/catalogue/vocabulary.ts'
import { someBatteries, someProducts } from '../../support/edge/catalogue-rows.ts'
import { startEdge, type Edge } from '../../support/edge/edge.ts'

const edge = await startEdge({
  seed: false,
  vars: { EXPORT_LEASE_SECONDS: '1', EXPORTS_PER_ADDRESS: '2', EXPORTS_AT_ONCE: '3' },
})
after(() => edge.close())

type Answer = { ticket?: string; digest?: ExportDigest; refused?: string }
type Desk = {
  begin(address?: string): Promise<Answer>
  end(ticket: string, key: string, digest?: ExportDigest): Promise<void>
  digest(question: { key: string; revision: number }, address?: string): Promise<Answer>
}
const desk = ((await edge.bindings())['EXPORT_DESK'] as { getByName(name: string): Desk }).getByName(
  'exports',
)
let storage: Awaited<ReturnType<Edge['storageOf']>>
const tickets: string[] = []

before(async () => {
  const products = someProducts(20)
  await edge.db.exec(upsertStatements({ products, batteries: someBatteries(products) }).join('\n'))
  await desk.begin()
  storage = await edge.storageOf('ExportDesk', 'exports')
})
beforeEach(async () => {
  await storage.exec('DELETE FROM digests')
  await Promise.all(tickets.splice(0).map((ticket) => desk.end(ticket, 'none')))
})

function digestAt(revision: number, rows = 1): ExportDigest {
  return { revision, rows, bytes: 2, crc32: '00000000', sha256: 'a'.repeat(64) }
}

async function begin(address?: string): Promise<Answer> {
  const answer = await desk.begin(address)
  if (answer.ticket !== undefined) tickets.push(answer.ticket)
  return answer
}

async function kept(): Promise<{ key: string; digest: string }[]> {
  return (await storage.exec('SELECT key, digest FROM digests')) as { key: string; digest: string }[]
}

test('of eight readers of a digest one computes it, and all others get what it found', async () => {
  const question = { key: 'eight', revision: 5 }
  const readers = Array.from({ length: 8 }, () => desk.digest(question))
  const first = await Promise.any(
    readers.map(async (reader) => {
      const { ticket } = await reader
      return ticket ?? assert.fail('not the one who computes')
    }),
  )
  await desk.end(first, question.key, digestAt(5))
  const answers = await Promise.all(readers)
  assert.equal(answers.filter(({ ticket }) => ticket !== undefined).length, 1)
  assert.equal(answers.filter(({ digest }) => digest?.rows === 1).length, 7)
  assert.equal((await desk.digest(question)).digest?.sha256, digestAt(5).sha256)
})

test('one who dies or fails while it computes holds nobody up', async () => {
  const question = { key: 'dies', revision: 5 }
  const dead = await desk.digest(question)
  assert.ok(dead.ticket)
  // Waits until the lease of the first has expired.
  const heir = await desk.digest(question)
  assert.ok(heir.ticket)
  assert.notEqual(heir.ticket, dead.ticket)
  const waiting = desk.digest(question)
  await desk.end(heir.ticket, question.key)
  const next = (await waiting).ticket
  assert.ok(next)
  await desk.end(next, question.key, digestAt(5))
})

test('only digests of the last revision are kept, and of those a thousand', async () => {
  await storage.exec(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
     INSERT INTO digests SELECT 'key ' || i, 7, '{}', 0, i FROM n`,
  )
  await desk.end('none', 'newest', digestAt(7))
  const keys = (await kept()).map(({ key }) => key)
  assert.equal(keys.length, 1_000)
  assert.ok(keys.includes('newest') && keys.includes('key 1200') && !keys.includes('key 1'))
  await desk.end('none', 'later', digestAt(8))
  assert.deepEqual(
    (await kept()).map(({ key }) => key),
    ['later'],
  )
})

test('an address that runs two exports gets no third, for a file nor for a digest, and is told when to come again', async () => {
  const headers = { 'cf-connecting-ip': '192.0.2.7' }
  await begin('192.0.2.7')
  await begin('192.0.2.7')
  for (const path of ['/batteries/export', '/batteries/export/digest', '/products/export?as=json']) {
    // oxlint-disable-next-line no-await-in-loop
    const response = await fetch(edge.url + path, { headers })
    assert.equal(response.status, 429)
    assert.match(response.headers.get('retry-after') ?? '', /^\d+$/)
    // oxlint-disable-next-line no-await-in-loop
    assert.partialDeepStrictEqual(await response.json(), { code: 'rate_limited', status: 429 })
  }
  const other = await fetch(`${edge.url}/batteries/export`, { headers: { 'cf-connecting-ip': '192.0.2.8' } })
  assert.equal(other.status, 200)
  await other.arrayBuffer()
  // A list and the headers of a file take no turn.
  assert.equal((await fetch(`${edge.url}/batteries`, { headers })).status, 200)
  assert.equal((await fetch(`${edge.url}/batteries/export`, { headers, method: 'HEAD' })).status, 200)
})

test('a digest is remembered under its filters, however they are written, until the catalogue changes', async () => {
  async function read(query: string): Promise<ExportDigest> {
    return (await (await fetch(`${edge.url}/batteries/export/digest?${query}`)).json()) as ExportDigest
  }
  const first = await read('chemistry=LFP&format=pouch')
  const [row] = await kept()
  assert.deepEqual(JSON.parse(row?.digest ?? ''), first)
  // What only the memory can know.
  await storage.exec('UPDATE digests SET digest = ?', JSON.stringify({ ...first, bytes: 1 }))
  assert.deepEqual(await read('format=pouch&as=csv&chemistry=LFP'), { ...first, bytes: 1 })
  await edge.db.exec("UPDATE products SET name = 'renamed' WHERE id = 1")
  const { revision, ...same } = first
  assert.deepEqual(await read('chemistry=LFP&format=pouch'), { ...same, revision: revision + 1 })
  assert.equal((await kept()).length, 1)
})

test('an export that was read to its end leaves its digest, and one that was not leaves its turn', async () => {
  const response = await fetch(`${edge.url}/batteries/export?as=ndjson`)
  const bytes = Buffer.from(await response.arrayBuffer())
  const rows = await kept()
  assert.equal(rows.length, 1)
  const left = JSON.parse(rows[0]?.digest ?? '') as ExportDigest
  assert.equal(left.sha256, createHash('sha256').update(bytes).digest('hex'))
  const said = await fetch(`${edge.url}/batteries/export/digest?as=ndjson`)
  assert.deepEqual(await said.json(), left)
  // All turns are free again.
  const turns = await Promise.all([begin(), begin(), begin()])
  assert.ok(turns.every(({ ticket }) => ticket !== undefined))
})
