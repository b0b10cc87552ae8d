/** Lists of the catalogue over HTTP: filters, pages, cursors, conditional requests. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { upsertStatements } from '../../../drizzle/seed/seed-sql.ts'
import {
  Battery,
  BatteryPage,
  BatteryWithProduct,
  Product,
  ProductPage,
} from '../../../protocol/catalogue/shapes.ts'
import { someBatteries, someProducts } from '../../support/edge/catalogue-rows.ts'
import { catalogueEdge, type Edge } from '../../support/edge/edge.ts'

const products = someProducts(60)
const batteries = someBatteries(products)
let edge: Edge

before(async () => {
  edge = await catalogueEdge({ seed: false })
  await edge.db.exec(upsertStatements({ products, batteries }).join('\n'))
})
after(() => edge.close())

function get(path: string, headers: Record<string, string> = {}) {
  return fetch(edge.url + path, { headers })
}
async function batteryPage(path: string) {
  return BatteryPage.parse(await (await get(path)).json())
}

/** Follows `next` from `path` to the end. */
async function allModels(path: string): Promise<string[][]> {
  const pages: string[][] = []
  let next: string | null = ''
  while (next !== null) {
    const page: BatteryPage = await batteryPage(next === '' ? path : `${path}&cursor=${next}`)
    pages.push(page.items.map(({ model }) => model))
    next = page.next
  }
  return pages
}
type BatteryPage = Awaited<ReturnType<typeof batteryPage>>

test('a list shows 25 items by default, with the cursor of the next page', async () => {
  const page = ProductPage.parse(await (await get('/products')).json())
  assert.deepEqual(
    page.items.map(({ sku }) => sku),
    products.slice(0, 25).map(({ sku }) => sku),
  )
  assert.notEqual(page.next, null)
})

test('the pages of a list have every row once, in one order, and the last page has no next', async () => {
  const pages = await allModels('/batteries?limit=25')
  assert.deepEqual(
    pages.map((page) => page.length),
    [25, 25, 10],
  )
  assert.deepEqual(
    pages.flat(),
    batteries.map(({ model }) => model),
  )
})

test('no empty page follows a last page that is full', async () => {
  assert.deepEqual(
    (await allModels('/batteries?limit=30')).map((page) => page.length),
    [30, 30],
  )
})

test('the Link header names the next page', async () => {
  const response = await get('/batteries?limit=20&chemistry=LFP')
  const link = /^<(\/batteries\?[^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
  await response.body?.cancel()
  assert.ok(link)
  const second = await batteryPage(link)
  assert.equal(second.items.length, 10)
  assert.equal(second.items[0]?.model, 'M-P-042')
})

test('a row that is added while a client pages neither repeats nor hides another row', async () => {
  const first = await batteryPage('/batteries?limit=40')
  const extra = someProducts(61).slice(60)
  await edge.db.exec(upsertStatements({ products: extra, batteries: someBatteries(extra) }).join('\n'))
  const second = await batteryPage(`/batteries?limit=40&cursor=${first.next}`)
  assert.deepEqual(
    second.items.map(({ model }) => model).slice(0, 20),
    batteries.slice(40).map(({ model }) => model),
  )
  await edge.db.batch([
    edge.db.prepare("DELETE FROM lithium_ion_batteries WHERE model = 'M-P-061'"),
    edge.db.prepare("DELETE FROM products WHERE sku = 'P-061'"),
  ])
})

test('chemistry, format and manufacturer narrow the list, alone and together', async () => {
  async function models(query: string) {
    return (await allModels(`/batteries?limit=100&${query}`)).flat()
  }
  function expected(keep: (battery: (typeof batteries)[number]) => boolean) {
    return batteries.filter(keep).map(({ model }) => model)
  }
  assert.deepEqual(
    await models('chemistry=LFP'),
    expected((b) => b.chemistry === 'LFP'),
  )
  assert.deepEqual(
    await models('format=pouch'),
    expected((b) => b.format === 'pouch'),
  )
  assert.deepEqual(
    await models('manufacturer=beta%20power'),
    expected((b) => b.manufacturer === 'Beta Power'),
  )
  assert.deepEqual(
    await models('chemistry=NMC&format=pouch&manufacturer=Alpha%20Cells'),
    expected((b) => b.chemistry === 'NMC' && b.format === 'pouch' && b.manufacturer === 'Alpha Cells'),
  )
  assert.deepEqual(await models('chemistry=LTO'), [])
})

test('a range of capacity includes both ends, excludes unknown values, and orders by capacity, then id', async () => {
  const pages = await allModels(
    '/batteries?limit=7&min_nominal_capacity_mah=1200&max_nominal_capacity_mah=1400',
  )
  const inRange = batteries
    .map((battery, index) => ({ ...battery, index }))
    .filter((b) => b.nominal_capacity_mah !== undefined && b.nominal_capacity_mah !== null)
    .filter((b) => Number(b.nominal_capacity_mah) >= 1200 && Number(b.nominal_capacity_mah) <= 1400)
    .toSorted((a, b) => Number(a.nominal_capacity_mah) - Number(b.nominal_capacity_mah) || a.index - b.index)
  assert.equal(inRange.length, 18)
  assert.deepEqual(
    pages.flat(),
    inRange.map(({ model }) => model),
  )
  assert.deepEqual(
    pages.map((page) => page.length),
    [7, 7, 4],
  )
})

test('a range of capacity combines with the other filters', async () => {
  const page = await batteryPage(
    '/batteries?min_nominal_capacity_mah=1700&chemistry=NMC&manufacturer=ALPHA%20CELLS',
  )
  assert.deepEqual(
    new Set(page.items.map((b) => `${b.chemistry} ${b.nominal_capacity_mah}`)),
    new Set(['NMC 1800']),
  )
})

test('products are narrowed by category, status and manufacturer', async () => {
  const page = ProductPage.parse(
    await (await get('/products?category=charger&status=active&manufacturer=beta%20power&limit=100')).json(),
  )
  const expected = products.filter(
    (p) => p.category === 'charger' && p.status === 'active' && p.manufacturer === 'Beta Power',
  )
  assert.ok(expected.length > 0)
  assert.deepEqual(
    page.items.map(({ sku }) => sku),
    expected.map(({ sku }) => sku),
  )
})

test('a battery is shown with the product it is sold as', async () => {
  const battery = BatteryWithProduct.parse(await (await get('/batteries/7')).json())
  assert.equal(battery.model, 'M-P-007')
  assert.equal(battery.energy_mwh, 5760)
  assert.equal(battery.product.sku, 'P-007')
  assert.deepEqual(
    Product.parse(await (await get(`/products/${battery.product_id}`)).json()),
    battery.product,
  )
})

test('an item has exactly the fields that are described', async () => {
  const page = (await (await get('/batteries?limit=1')).json()) as { items: object[] }
  assert.deepEqual(Object.keys(page.items[0] ?? {}).toSorted(), Object.keys(Battery.shape).toSorted())
  const product = (await (await get('/products/1')).json()) as object
  assert.deepEqual(Object.keys(product).toSorted(), Object.keys(Product.shape).toSorted())
})

/** How a client that has `path` is answered before and after the row `changed` is changed. */
async function askTwice(path: string, changed: string) {
  const first = await get(path)
  await first.body?.cancel()
  const tag = first.headers.get('etag') ?? ''
  const held = await get(path, { 'if-none-match': `"other", W/${tag}` })
  assert.equal(held.status, 304)
  assert.equal(held.headers.get('etag'), tag)
  assert.equal(await held.text(), '')
  await edge.db.prepare("UPDATE products SET name = name || '.' WHERE sku = ?").bind(changed).run()
  const second = await get(path, { 'if-none-match': tag })
  await second.body?.cancel()
  assert.equal(second.headers.get('cache-control'), 'public, max-age=60')
  return { tag, status: second.status, newTag: second.headers.get('etag') }
}

for (const path of ['/batteries?limit=3&chemistry=NMC', '/products']) {
  test(`${path} is answered 304 until the catalogue changes`, async () => {
    const { tag, status, newTag } = await askTwice(path, 'P-060')
    assert.match(tag, /^"r\d+-[0-9a-f]{16}"$/)
    assert.equal(status, 200)
    assert.notEqual(newTag, tag)
  })
}

for (const path of ['/batteries/3', '/products/3', '/batteries/3/mapping']) {
  test(`${path} is answered 304 until its item changes`, async () => {
    const elsewhere = await askTwice(path, 'P-060')
    assert.deepEqual([elsewhere.status, elsewhere.newTag], [304, elsewhere.tag])
    if (path.endsWith('mapping')) return
    const here = await askTwice(path, 'P-003')
    assert.equal(here.status, 200)
    assert.notEqual(here.newTag, here.tag)
  })
}

test('each request of other parameters has another ETag', async () => {
  const tags = await Promise.all(
    [
      '/products',
      '/products?limit=24',
      '/products?category=charger',
      '/batteries',
      '/batteries/1',
      '/products/1',
    ].map(async (path) => {
      const response = await get(path)
      await response.body?.cancel()
      return response.headers.get('etag')
    }),
  )
  assert.equal(new Set(tags).size, tags.length)
})
