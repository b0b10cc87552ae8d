/** Refused requests: each is answered by a problem document that names the parameter. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ProblemDocument } from '../../../protocol/catalogue/shapes.ts'
import { upsertStatements } from '../../../drizzle/seed/seed-sql.ts'
import { someBatteries, someProducts } from '../../support/edge/catalogue-rows.ts'
import { catalogueEdge, type Edge } from '../../support/edge/edge.ts'
import { canonical, encodeCursor } from '../../../workers/catalogue/queries/cursor.ts'

let edge: Edge

before(async () => {
  edge = await catalogueEdge({ seed: false })
  const products = someProducts(30)
  await edge.db.exec(upsertStatements({ products, batteries: someBatteries(products) }).join('\n'))
})
after(() => edge.close())

/** The problem document of a refused request, after the assertions that hold for every one. */
async function refusal(path: string, init: RequestInit = {}) {
  const response = await fetch(edge.url + path, init)
  const text = await response.text()
  assert.equal(response.headers.get('content-type'), 'application/problem+json', `${path}: ${text}`)
  assert.equal(response.headers.get('cache-control'), 'no-store')
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
  const problem = ProblemDocument.strict().parse(JSON.parse(text))
  assert.equal(problem.status, response.status)
  return { ...problem, headers: response.headers }
}

const long = 'x'.repeat(2_000)
const badParameters: [string, string][] = [
  ['/batteries?limit=', 'limit'],
  ['/batteries?limit=0', 'limit'],
  ['/batteries?limit=101', 'limit'],
  ['/batteries?limit=-1', 'limit'],
  ['/batteries?limit=1.5', 'limit'],
  ['/batteries?limit=1e1', 'limit'],
  ['/batteries?limit=0x10', 'limit'],
  ['/batteries?limit=%2010', 'limit'],
  ['/batteries?limit=NaN', 'limit'],
  ['/batteries?limit=5&limit=6', 'limit'],
  ['/batteries?limit=99999999999999999999', 'limit'],
  ['/batteries?chemistry=lead', 'chemistry'],
  ['/batteries?chemistry=NMC&chemistry=LFP', 'chemistry'],
  ["/batteries?chemistry=NMC'%20OR%201=1--", 'chemistry'],
  ['/batteries?format=', 'format'],
  ['/batteries?manufacturer=', 'manufacturer'],
  [`/batteries?manufacturer=${long}`, 'manufacturer'],
  ['/batteries?manufacturer=a%00b', 'manufacturer'],
  ['/batteries?min_nominal_capacity_mah=-5', 'min_nominal_capacity_mah'],
  ['/batteries?max_nominal_capacity_mah=1e309', 'max_nominal_capacity_mah'],
  ['/batteries?min_nominal_capacity_mah=5&max_nominal_capacity_mah=4', 'min_nominal_capacity_mah'],
  ['/batteries?q=a.b.c.d.e.f.g.h.i.j.k', 'q'],
  ['/batteries?colour=red', 'colour'],
  ['/batteries?__proto__=1', '__proto__'],
  ['/products?constructor=1', 'constructor'],
  ['/batteries/export/digest?toString=1', 'toString'],
  ['/products?chemistry=NMC', 'chemistry'],
  ['/products?category=snacks', 'category'],
  ['/products?status=', 'status'],
  ['/batteries/export?as=xlsx', 'as'],
  ['/batteries/export?limit=5', 'limit'],
  ['/products/export/digest?as=', 'as'],
  ['/batteries/0', 'id'],
  ['/batteries/-1', 'id'],
  ['/batteries/seven', 'id'],
  ['/products/1.0', 'id'],
  ['/products/9007199254740992', 'id'],
]

for (const [path, parameter] of badParameters) {
  test(`${path.slice(0, 80)} is refused and names ${parameter}`, async () => {
    const problem = await refusal(path)
    assert.equal(problem.status, 422)
    assert.equal(problem.code, 'bad_parameter')
    assert.deepEqual(
      problem.errors?.map((fault) => fault.parameter),
      [parameter],
    )
  })
}

test('all faults of a request are reported together', async () => {
  const problem = await refusal('/batteries?limit=x&chemistry=y&nonsense=z')
  assert.deepEqual(problem.errors?.map((fault) => fault.parameter).toSorted(), [
    'chemistry',
    'limit',
    'nonsense',
  ])
})

test('an address of 20,000 characters is refused as too long', async () => {
  const problem = await refusal(`/batteries?manufacturer=${'x'.repeat(20_000)}`)
  assert.equal(problem.status, 414)
  assert.equal(problem.code, 'uri_too_long')
})

const unknown: [string, string][] = [
  ['/batteries/999999', 'no_such_battery'],
  ['/products/999999', 'no_such_product'],
  ['/products/9007199254740991', 'no_such_product'],
  ['/nothing', 'not_found'],
  ['/batteries/1/2', 'not_found'],
  ['/batteries/1/2/3', 'not_found'],
]

for (const [path, code] of unknown) {
  test(`${path} is answered 404 ${code}`, async () => {
    const problem = await refusal(path)
    assert.deepEqual([problem.status, problem.code], [404, code])
  })
}

for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
  test(`${method} is refused on a path for reading, and Allow lists the methods`, async () => {
    for (const path of ['/products/export/digest', '/batteries/1/mapping', '/health', '/openapi.json']) {
      const problem = await refusal(path, { method })
      assert.deepEqual([problem.status, problem.code], [405, 'method_not_allowed'])
      assert.equal(problem.headers.get('allow'), 'GET, HEAD')
    }
  })
}

test('a cursor is valid only for the list that it came from', async () => {
  const page = (await (await fetch(`${edge.url}/batteries?limit=3&chemistry=NMC`)).json()) as { next: string }
  for (const path of [
    `/batteries?limit=3&cursor=${page.next}`,
    `/batteries?limit=3&chemistry=LFP&cursor=${page.next}`,
    `/batteries?limit=3&chemistry=NMC&min_nominal_capacity_mah=1&cursor=${page.next}`,
    `/products?limit=3&cursor=${page.next}`,
  ]) {
    const problem = await refusal(path)
    assert.deepEqual([problem.status, problem.code], [400, 'bad_cursor'], path)
    assert.deepEqual(
      problem.errors?.map((fault) => fault.parameter),
      ['cursor'],
    )
  }
  const other = await fetch(`${edge.url}/batteries?limit=7&chemistry=NMC&cursor=${page.next}`)
  await other.body?.cancel()
  assert.equal(other.status, 200, 'another page size is no other list')
})

test('a damaged cursor is refused', async () => {
  const page = (await (await fetch(`${edge.url}/batteries?limit=3`)).json()) as { next: string }
  const [version, hash, id] = JSON.parse(atob(page.next)) as [number, string, number]
  const made = [
    [version, hash, id + 1],
    [version + 1, hash, id],
    [version, hash, id, 0],
    [version, hash, id, 1e308],
    [version, hash, '3; DROP TABLE products'],
    [],
    null,
    {},
  ].map((fields) => btoa(JSON.stringify(fields)))
  for (const cursor of [...made, page.next.slice(0, -1), `${page.next}A`, 'not base64!', '🔋', 'AAAA']) {
    const problem = await refusal(`/batteries?limit=3&cursor=${encodeURIComponent(cursor)}`)
    assert.deepEqual([problem.status, problem.code], [400, 'bad_cursor'], cursor)
  }
})

test('a cursor that a client made up itself shows rows of that list, or none', async () => {
  const most = Number.MAX_SAFE_INTEGER
  const values = [
    undefined,
    null,
    0,
    -1,
    most,
    -most,
    '',
    "'; DROP TABLE products; --",
    '\u0000',
    '🔋'.repeat(40),
  ]
  const lists = [
    '',
    'sort=mass_mg',
    'sort=manufacturer&order=desc',
    'chemistry=NMC&sort=nominal_capacity_mah',
    'q=m',
  ]
  for (const query of lists) {
    const given = Object.fromEntries(new URLSearchParams(query))
    const filters = canonical('batteries', { order: 'asc', ...given })
    for (const value of values) {
      for (const id of [7, most, -most]) {
        const back = id === 7 ? ({ back: true } as const) : {}
        const cursor = await encodeCursor(filters, { id, ...(value === undefined ? {} : { value }), ...back })
        const response = await fetch(`${edge.url}/batteries?limit=5&${query}&cursor=${cursor}`)
        const { items = [] } = (await response.json()) as { items?: { chemistry: string }[] }
        assert.ok([200, 400].includes(response.status), `${response.status} for ${query} ${id} ${value}`)
        assert.ok(
          items.length <= 5 &&
            (given['chemistry'] === undefined || items.every((item) => item.chemistry === 'NMC')),
        )
      }
    }
  }
})

test('an address that asks for many lists that read the whole catalogue is told to wait', async () => {
  const headers = { 'cf-connecting-ip': '192.0.2.99' }
  const costly = '/batteries?limit=1&max_mass_mg=1&min_cycle_life=9'
  const answers = await Promise.all(
    Array.from({ length: 121 }, async () => {
      const response = await fetch(edge.url + costly, { headers })
      await response.body?.cancel()
      return response.status
    }),
  )
  assert.deepEqual(new Set(answers), new Set([200, 429]))
  const problem = await refusal(costly, { headers })
  assert.deepEqual([problem.code, problem.headers.get('retry-after')], ['rate_limited', '60'])
  assert.equal((await fetch(`${edge.url}/batteries?limit=1`, { headers })).status, 200)
})

test('every response has the security headers, and no-store unless it may be cached', async () => {
  for (const path of ['/health', '/products', '/batteries/1', '/batteries/export', '/nothing']) {
    const response = await fetch(edge.url + path)
    await response.body?.cancel()
    assert.equal(
      response.headers.get('content-security-policy'),
      "default-src 'none'; frame-ancestors 'none'",
      path,
    )
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer', path)
    assert.match(response.headers.get('strict-transport-security') ?? '', /max-age=31536000/, path)
    const stored = path === '/products' || path === '/batteries/1'
    assert.equal(response.headers.get('cache-control'), stored ? 'public, max-age=60' : 'no-store', path)
  }
})

test('HEAD answers as GET does, without the body', async () => {
  for (const path of ['/products', '/batteries/1', '/batteries/export']) {
    const response = await fetch(edge.url + path, { method: 'HEAD' })
    assert.equal(response.status, 200)
    assert.notEqual(response.headers.get('etag'), null)
    assert.equal(await response.text(), '')
  }
})

test('a page of any origin may read the catalogue', async () => {
  const response = await fetch(`${edge.url}/products`, { headers: { origin: 'https://example.com' } })
  await response.body?.cancel()
  assert.equal(response.headers.get('access-control-allow-origin'), '*')
  assert.match(response.headers.get('access-control-expose-headers') ?? '', /catalogue-revision/i)
})

test('an internal error is answered with an id and without its reason', async () => {
  await edge.db.prepare('ALTER TABLE catalogue_revision RENAME TO elsewhere').run()
  // A query that fails: integer overflow.
  await edge.db
    .prepare('CREATE VIEW catalogue_revision AS SELECT abs(-9223372036854775808) AS revision')
    .run()
  try {
    const problem = await refusal('/products')
    assert.deepEqual([problem.status, problem.code], [500, 'internal'])
    assert.match(problem.instance ?? '', /^urn:uuid:/)
    assert.doesNotMatch(JSON.stringify(problem), /revision|SQL|overflow/)
  } finally {
    await edge.db.prepare('DROP VIEW catalogue_revision').run()
    await edge.db.prepare('ALTER TABLE elsewhere RENAME TO catalogue_revision').run()
  }
})
