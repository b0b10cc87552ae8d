/** `voltdrop import` against the edge: all rows or none, the edge's faults by line, and nothing without the token. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmod, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import path from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import type { EmbeddedEdge } from '../../agent/edge/embedded/embedded-edge.ts'
import { startAgent, startTestEdge } from '../support/agents.ts'
import { serve } from '../support/edge/fake-edge.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const token = 'a-token-for-tests-0123456789'
let edge: EmbeddedEdge

before(async () => {
  edge = await startTestEdge({ WRITE_TOKEN_SHA256: createHash('sha256').update(token).digest('hex') })
})
after(() => edge.close())

const head = 'manufacturer;model;kind;source_url;nominal_capacity_ah'
function row(model: string, ampereHours = '3,5', maker = 'Import Cells'): string {
  return `${maker};${model};cell;https://example.com/sheet;${ampereHours}`
}

async function importText(
  t: TestContext,
  text: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
) {
  const file = path.join(await temporaryFolder(t), 'rows.csv')
  await writeFile(file, text)
  return startAgent(t, ['import', file, '--edge', edge.url.origin, ...args], {
    env: { VOLTDROP_TOKEN: token, ...env },
  })
}

async function found(maker: string) {
  const response = await fetch(
    new URL(`batteries?manufacturer=${encodeURIComponent(maker)}&limit=100`, edge.url),
  )
  return (await response.json()) as {
    revision: number
    items: { model: string; nominal_capacity_mah: number }[]
  }
}

test('import creates rows with their products, and importing the same file again changes nothing', async (t) => {
  const text = [head, row('A1'), row('A2', '2,5'), ''].join('\r\n')
  const first = await importText(t, text, ['--create-products'])
  assert.equal(await first.exit, 0, first.stderr)
  const { revision, ...counts } = await first.event('imported')
  assert.partialDeepStrictEqual(counts, { created: 2, updated: 0, unchanged: 0, products_created: 2 })
  const { items } = await found('Import Cells')
  assert.deepEqual(
    items.map(({ model, nominal_capacity_mah: capacity }) => [model, capacity]),
    [
      ['A1', 3500],
      ['A2', 2500],
    ],
  )
  const again = await (await importText(t, text)).event('imported')
  assert.deepEqual([again.unchanged, again.revision], [2, revision])
  const changed = await (await importText(t, text.replace('2,5', '2,6'))).event('imported')
  assert.deepEqual([changed.updated, changed.unchanged], [1, 1])
})

test('a dry run reports what would happen and changes nothing; without a token it only checks the file', async (t) => {
  const before = (await found('Dry')).revision
  const text = `${head}\n${row('D1', '3,5', 'Dry')}\n`
  const dry = await importText(t, text, ['--dry-run', '--create-products'])
  assert.equal(await dry.exit, 0)
  const { dry_run, created } = await dry.event('imported')
  assert.deepEqual([dry_run, created], [true, 1])
  const alone = await importText(t, text, ['--dry-run'], { VOLTDROP_TOKEN: '' })
  assert.equal(await alone.exit, 0)
  assert.deepEqual(
    alone.events.map(({ t: kind }) => kind),
    ['checked', 'warning'],
  )
  assert.deepEqual(await found('Dry'), { ...(await found('Dry')), revision: before, items: [] })
})

test('one fault rejects the whole file and is reported with its line and column', async (t) => {
  const text = `${head}\n${row('F1', '3,5', 'Faulty')}\n${row('F2', 'much', 'Faulty')}\n`
  const agent = await importText(t, text)
  const { exit, code } = await agent.failure()
  assert.deepEqual([exit, code], [9, 'bad_rows'])
  const { line, column, text: says } = await agent.event('fault')
  assert.deepEqual([line, column, says], [3, 'nominal_capacity_ah', 'much is not a number'])
  assert.deepEqual((await found('Faulty')).items, [])
})

test('a fault that only the edge can find is reported by line too, and no row of its batch is stored', async (t) => {
  const text = `${head};product_id\n${row('E1', '3,5', 'Unsold')};1\n${row('E2', '3,5', 'Unsold')};999999\n`
  const agent = await importText(t, text)
  const { exit, code, detail } = await agent.failure()
  assert.deepEqual([exit, code], [9, 'bad_rows'])
  assert.match(detail ?? '', /lines 2 to 3; nothing was stored/)
  const { line, column } = await agent.event('fault')
  assert.deepEqual([line, column], [3, 'product_id'])
  assert.deepEqual((await found('Unsold')).items, [])
})

test('products are created only when that is asked for, and it is said before the edge refuses', async (t) => {
  const agent = await importText(t, `${head}\n${row('P1', '3,5', 'Productless')}\n`)
  const { exit, code, detail } = await agent.failure()
  assert.deepEqual([exit, code], [9, 'bad_rows'])
  assert.match(detail ?? '', /the edge refused line 2; nothing was stored/)
  assert.match((await agent.event('warning')).text, /--create-products/)
  assert.match((await agent.event('fault')).text, /names no product/)
  const { items } = await found('Productless')
  assert.deepEqual(items, [])
})

test('a file with more rows than one batch is imported in several', async (t) => {
  const rows = Array.from({ length: 1_203 }, (_, i) => row(`B${i}`, '3,5', 'Batch'))
  const agent = await importText(t, [head, ...rows].join('\n'), ['--create-products'])
  assert.equal(await agent.exit, 0, agent.stderr)
  const { rows: taken, created } = await agent.event('imported')
  assert.deepEqual([taken, created], [1_203, 1_203])
})

test('import refuses a missing token, a wrong one, and a token file that others can read', async (t) => {
  const text = `${head}\n${row('T1', '3,5', 'Token')}\n`
  const none = await (await importText(t, text, [], { VOLTDROP_TOKEN: '' })).failure()
  assert.deepEqual([none.exit, none.code], [2, 'not_possible_here'])
  const wrong = await (await importText(t, text, [], { VOLTDROP_TOKEN: 'another' })).failure()
  assert.deepEqual([wrong.exit, wrong.code], [3, 'edge_refused'])
  const file = path.join(await temporaryFolder(t), 'token')
  await writeFile(file, `${token}\n`, { mode: 0o644 })
  const open = await (await importText(t, text, ['--token-file', file], { VOLTDROP_TOKEN: '' })).failure()
  assert.equal(open.exit, 2)
  assert.match(open.detail ?? '', /chmod 600/)
  assert.deepEqual((await found('Token')).items, [])
  await chmod(file, 0o600)
  assert.equal(
    await (
      await importText(t, text, ['--token-file', file, '--create-products'], { VOLTDROP_TOKEN: '' })
    ).exit,
    0,
  )
})

test('a token is never sent over plain http to another machine', async (t) => {
  const agent = await importText(t, `${head}\n${row('H1')}\n`, ['--edge', 'http://edge.example'])
  const { exit, detail } = await agent.failure()
  assert.equal(exit, 2)
  assert.match(detail ?? '', /https only/)
})

test('an export of the edge can be imported again unchanged', async (t) => {
  const folder = await temporaryFolder(t)
  for (const [resource, format] of [
    ['batteries', 'csv'],
    ['batteries', 'ndjson'],
    ['products', 'csv'],
  ] as const) {
    // oxlint-disable no-await-in-loop -- one process after the other
    const file = path.join(folder, `${resource}.${format}`)
    const exported = startAgent(t, [
      'export',
      resource,
      '--format',
      format,
      '--out',
      file,
      '--edge',
      edge.url.origin,
    ])
    const { rows } = await exported.event('exported')
    const agent = startAgent(t, ['import', file, '--edge', edge.url.origin], {
      env: { VOLTDROP_TOKEN: token },
    })
    assert.equal(await agent.exit, 0, JSON.stringify(agent.events.filter(({ t: kind }) => kind === 'fault')))
    const { unchanged } = await agent.event('imported')
    assert.equal(unchanged, rows)
  }
})

test('a program on another port, which passes everything on to the edge, gets no token', async (t) => {
  const heard: string[] = []
  const relay = await serve(t, (incoming, outgoing) => {
    heard.push(`${incoming.url?.split('?')[0]} ${incoming.headers.authorization ?? 'no token'}`)
    const headers = { ...incoming.headers, host: edge.url.host }
    const passed = request(new URL(incoming.url ?? '/', edge.url), { method: incoming.method, headers })
    passed.on('response', (answer) =>
      answer.pipe(outgoing.writeHead(answer.statusCode ?? 502, answer.headers)),
    )
    incoming.pipe(passed)
  })
  const text = [head, row('R1'), ''].join('\n')
  const refused = await importText(t, text, ['--edge', relay.origin])
  const { exit, code, detail } = await refused.failure()
  assert.deepEqual({ exit, code }, { exit: 3, code: 'edge_refused' })
  assert.match(detail ?? '', /token was not sent.*passed the question on.*--insecure-edge/)
  assert.deepEqual(heard, ['/token-proof no token'])
  const insecure = await importText(t, text, [
    '--edge',
    relay.origin,
    '--insecure-edge',
    '--dry-run',
    '--create-products',
  ])
  assert.equal(await insecure.exit, 0, JSON.stringify(insecure.events))
  assert.deepEqual(heard.slice(1), [`/batteries/import Bearer ${token}`])
})
