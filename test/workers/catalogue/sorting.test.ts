/** Orders, ranges, text search and the choice of columns, compared with sorting and filtering the whole list here. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BatterySeed, ProductSeed } from '../../../drizzle/seed/seed-row.ts'
import { upsertStatements } from '../../../drizzle/seed/seed-sql.ts'
import { batteryRanges, batterySorts, orders, productSorts } from '../../../protocol/catalogue/filters.ts'
import { Battery, BatteryPage, Product } from '../../../protocol/catalogue/shapes.ts'
import { catalogueEdge, type Edge } from '../../support/edge/edge.ts'

const source_url = 'https://example.com/sheet.pdf'
const makers = ['Zeta', 'alpha', 'Müller', '電池', 'Beta Power']
const formats = ['cylindrical', 'pouch', 'prismatic', null] as const

const products: ProductSeed[] = Array.from({ length: 43 }, (_, i) => ({
  sku: `P-${i}`,
  name: `Cell ${(i * 7) % 11}`,
  manufacturer: makers[i % makers.length] ?? '',
  category: i % 4 === 0 ? 'charger' : 'lithium_ion_cell',
  status: i % 3 === 0 ? 'active' : 'unknown',
  source_url,
}))

/** A value that other rows often have too, and often none. */
function some(i: number, step: number, least: number): number | null {
  return (i * step) % 5 === 0 ? null : least + ((i * step) % 7) * 1000
}

const batteries: BatterySeed[] = products.map(({ sku, manufacturer }, i) => {
  const format = formats[i % formats.length] ?? null
  const round = format === 'cylindrical'
  return {
    product_sku: sku,
    manufacturer,
    model: `${['INR18650-', 'x', 'LFP '][i % 3]}${(i * 5) % 43}E`,
    kind: i % 6 === 0 ? 'pack' : 'cell',
    chemistry: (['NMC', 'LFP', null] as const)[i % 3] ?? null,
    format,
    size_code: round ? 'R18650' : null,
    nominal_capacity_mah: some(i, 3, 1000),
    nominal_voltage_mv: some(i, 2, 3000),
    maximum_continuous_charging_current_ma: some(i, 4, 1000),
    maximum_continuous_discharging_current_ma: some(i, 1, 2000),
    maximum_pulse_discharging_current_ma: some(i, 1, 20_000),
    mass_mg: some(i, 6, 40_000),
    diameter_um: round ? some(i, 1, 18_000) : null,
    height_um: some(i, 2, 65_000),
    width_um: round ? null : some(i, 3, 30_000),
    thickness_um: round ? null : some(i, 2, 5_000),
    ac_internal_resistance_uohm: some(i, 9, 10_000),
    dc_internal_resistance_uohm: some(i, 8, 20_000),
    cycle_life: some(i, 4, 500),
    minimum_discharging_temperature_mdegc: some(i, 3, -40_000),
    maximum_discharging_temperature_mdegc: some(i, 2, 50_000),
    source_url,
  }
})

let edge: Edge
let all: Battery[]
let sold: Product[]

before(async () => {
  edge = await catalogueEdge({ seed: false })
  await edge.db.exec(upsertStatements({ products, batteries }).join('\n'))
  all = Battery.array().parse(await (await fetch(`${edge.url}/batteries/export?as=json`)).json())
  sold = Product.array().parse(await (await fetch(`${edge.url}/products/export?as=json`)).json())
})
after(() => edge.close())

type Row = Readonly<Record<string, unknown>> & { readonly id: number }

/** As SQLite compares: numbers by size, text by code points without regard to the case of A-Z. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [x, y] = [a, b].map((text) => Buffer.from(String(text).replaceAll(/[A-Z]/g, (c) => c.toLowerCase())))
  return x && y ? Buffer.compare(x, y) : 0
}

/** Ids in the order of the list: unknown values come last in either direction, equal values are ordered by id. */
function sorted(rows: readonly Row[], column: string, order: 'asc' | 'desc'): number[] {
  const sign = order === 'asc' ? 1 : -1
  const known = rows.filter((row) => row[column] !== null)
  const unknown = rows.filter((row) => row[column] === null)
  function byId(a: Row, b: Row) {
    return sign * (a.id - b.id)
  }
  function byValue(a: Row, b: Row) {
    return sign * compare(a[column], b[column]) || byId(a, b)
  }
  return [...known.toSorted(byValue), ...unknown.toSorted(byId)].map(({ id }) => id)
}

type Page = { items: { id: number }[]; next: string | null; previous: string | null; total?: number }
async function page(path: string): Promise<Page> {
  return (await (await fetch(edge.url + path)).json()) as Page
}
function idsOf({ items }: Page) {
  return items.map(({ id }) => id)
}

/** Reads the list to its end and back; both directions must show the same pages. */
async function walked(path: string): Promise<number[]> {
  const pages: number[][] = []
  let shown = await page(path)
  assert.equal(shown.previous, null)
  for (;;) {
    pages.push(idsOf(shown))
    if (shown.next === null) break
    shown = await page(`${path}&cursor=${shown.next}`)
  }
  const back: number[][] = [idsOf(shown)]
  while (shown.previous !== null) {
    shown = await page(`${path}&cursor=${shown.previous}`)
    back.unshift(idsOf(shown))
  }
  assert.deepEqual(back.flat(), pages.flat())
  return pages.flat()
}

for (const order of orders) {
  for (const sort of batterySorts) {
    test(`batteries are ordered by ${sort}, ${order}, forwards and backwards, with unknown values last`, async () => {
      const path = `/batteries?sort=${sort}&order=${order}&limit=12&fields=id`
      assert.deepEqual(await walked(path), sorted(all, sort, order))
    })
  }
  for (const sort of productSorts) {
    test(`products are ordered by ${sort}, ${order}, forwards and backwards`, async () => {
      const path = `/products?sort=${sort}&order=${order}&limit=12&fields=id`
      assert.deepEqual(await walked(path), sorted(sold, sort, order))
    })
  }
}

test('a filter and an order combine, whether or not they have an index', async () => {
  for (const filter of [
    'chemistry=NMC',
    'manufacturer=ALPHA',
    'format=pouch',
    'kind=cell',
    'size_code=r18650',
  ]) {
    const [name = '', value = ''] = filter.split('=')
    const kept = all.filter((row) => compare(row[name as keyof Battery], value) === 0)
    assert.ok(kept.length > 0)
    for (const sort of ['nominal_capacity_mah', 'mass_mg', name]) {
      const path = `/batteries?${filter}&sort=${sort}&order=desc&limit=4&fields=id`
      // oxlint-disable-next-line no-await-in-loop -- one list after the other
      assert.deepEqual(await walked(path), sorted(kept, sort, 'desc'), path)
    }
  }
})

for (const column of batteryRanges) {
  test(`min_ and max_${column} include both ends and exclude unknown values`, async () => {
    const known = all.flatMap((row) => row[column] ?? []).toSorted((a, b) => a - b)
    const [least = 0, greatest = 0] = [
      known[Math.floor(known.length / 4)],
      known[Math.floor(known.length / 2)],
    ]
    const kept = all.filter((row) => {
      const value = row[column]
      return value !== null && value >= least && value <= greatest
    })
    assert.ok(kept.length > 0 && kept.length < all.length)
    const range = `min_${column}=${least}&max_${column}=${greatest}`
    assert.deepEqual(await walked(`/batteries?${range}&limit=5&fields=id`), sorted(kept, column, 'asc'))
    const elsewhere = `/batteries?${range}&sort=model&limit=5&fields=id`
    assert.deepEqual(await walked(elsewhere), sorted(kept, 'model', 'asc'))
  })
}

test('a temperature keeps the batteries whose range contains it', async () => {
  const kept = all.filter(
    ({ minimum_discharging_temperature_mdegc: least, maximum_discharging_temperature_mdegc: greatest }) =>
      least !== null && greatest !== null && least <= -36_000 && greatest >= -36_000,
  )
  assert.ok(kept.length > 0 && kept.length < all.length)
  assert.deepEqual(
    idsOf(await page('/batteries?discharging_at_mdegc=-36000&limit=100')),
    kept.map(({ id }) => id),
  )
})

async function found(q: string, more = '') {
  return (await page(`/batteries?q=${encodeURIComponent(q)}&limit=100${more}`)).items as Battery[]
}

test('a search finds rows with all words or prefixes, in any order and case, and a model by its digits alone', async () => {
  const inr = all.filter(({ model }) => model.startsWith('INR18650'))
  assert.deepEqual(await found('inr18650'), inr)
  assert.deepEqual(
    await found('18650'),
    all.filter((b) => b.model.startsWith('INR') || b.size_code !== null),
  )
  assert.deepEqual(
    await found('NMC zeta'),
    all.filter((b) => b.chemistry === 'NMC' && b.manufacturer === 'Zeta'),
  )
  assert.deepEqual(
    await found('MULLER'),
    all.filter((b) => b.manufacturer === 'Müller'),
  )
  assert.deepEqual(
    await found('電池'),
    all.filter((b) => b.manufacturer === '電池'),
  )
  assert.deepEqual(await found('zeta alpha'), [])
})

test('a search combines with filters, orders and cursors', async () => {
  const kept = all.filter((b) => b.model.startsWith('INR') && b.kind === 'cell')
  for (const sort of ['id', 'mass_mg', 'model']) {
    const path = `/batteries?q=inr&kind=cell&sort=${sort}&order=desc&limit=4&fields=id`
    // oxlint-disable-next-line no-await-in-loop
    assert.deepEqual(await walked(path), sorted(kept, sort, 'desc'))
  }
})

test('a search finds what was written, through the edge or directly in the database', async () => {
  function run(sql: string) {
    return edge.db.prepare(sql).run()
  }
  await run("UPDATE lithium_ion_batteries SET model = 'Nightingale' WHERE id = 1")
  assert.deepEqual(
    (await found('nightin')).map(({ id }) => id),
    [1],
  )
  await run("UPDATE lithium_ion_batteries SET model = 'Lark' WHERE id = 1")
  assert.deepEqual(await found('nightingale'), [])
  await run('DELETE FROM lithium_ion_batteries WHERE id = 1')
  assert.deepEqual(await found('lark'), [])
})

test('fields shows only the given columns, also when another column orders the list', async () => {
  const { items } = await page('/batteries?fields=model,energy_mwh&sort=mass_mg&limit=5')
  for (const item of items) assert.deepEqual(Object.keys(item), ['model', 'energy_mwh'])
  const csv = await (await fetch(`${edge.url}/batteries/export?fields=model,kind&kind=pack`)).text()
  assert.match(csv, /^model,kind\r\n[^,]+,pack\r\n/)
})

test('the total is included only when it is asked for', async () => {
  const now = await page('/batteries?limit=1')
  assert.equal('total' in now, false)
  for (const [query, rows] of [
    ['', 42],
    [
      '&q=inr&kind=cell',
      all.filter((b) => b.id > 1 && b.model.startsWith('INR') && b.kind === 'cell').length,
    ],
    [
      '&chemistry=NMC&min_mass_mg=41000',
      all.filter((b) => b.id > 1 && b.chemistry === 'NMC' && (b.mass_mg ?? 0) >= 41_000).length,
    ],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop
    assert.equal((await page(`/batteries?limit=1&include=total${query}`)).total, rows)
  }
  assert.equal((await page('/products?include=total&category=charger')).total, 11)
})

test('readable units and the transport class are included when they are asked for', async () => {
  const path =
    '/batteries?include=readable,shipping&fields=model,nominal_voltage_mv&sort=nominal_voltage_mv&limit=1'
  const { items } = BatteryPage.extend({ items: Battery.partial().loose().array() }).parse(
    await (await fetch(edge.url + path)).json(),
  )
  const [item] = items
  assert.deepEqual(item?.['readable'], { nominal_voltage_v: 3 })
  assert.match(JSON.stringify(item?.['shipping']), /"alone":\{"un_number":"UN3480"/)
})
