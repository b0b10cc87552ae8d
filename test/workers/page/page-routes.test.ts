/** The pages over HTTP, without a browser: lists, paging, sorting, details, comparison, errors and headers. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { upsertStatements } from '../../../drizzle/seed/seed-sql.ts'
import { someBatteries, someProducts } from '../../support/edge/catalogue-rows.ts'
import { catalogueEdge, type Edge } from '../../support/edge/edge.ts'
import { page as pages } from '../../../workers/page/page-routes.ts'

const products = someProducts(60)
const batteries = someBatteries(products)
let edge: Edge

before(async () => {
  edge = await catalogueEdge({ seed: false })
  await edge.db.exec(upsertStatements({ products, batteries }).join('\n'))
})
after(() => edge.close())

async function view(path: string, status = 200): Promise<string> {
  const response = await fetch(edge.url + path, { redirect: 'manual' })
  assert.equal(response.status, status, path)
  assert.equal(response.headers.get('content-type'), 'text/html; charset=UTF-8')
  return response.text()
}

function decoded(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

function all(html: string, pattern: RegExp): string[] {
  return [...html.matchAll(pattern)].map((match) => decoded(match[1] ?? ''))
}

function models(html: string): string[] {
  return all(html, /<a href="\/view\/batteries\/\d+"><bdi>([^<]*)<\/bdi>/g)
}
function link(html: string, relation: string): string | undefined {
  return all(html, new RegExp(`<a class="step" rel="${relation}" href="([^"]*)"`, 'g'))[0]
}

test('the list shows the rows of the API page by page, forwards and backwards', async () => {
  const names = batteries.map(({ model }) => model)
  const first = await view('/')
  assert.deepEqual(models(first), names.slice(0, 25))
  assert.equal(link(first, 'prev'), undefined)
  const second = await view(link(first, 'next') ?? '')
  assert.deepEqual(models(second), names.slice(25, 50))
  const last = await view(link(second, 'next') ?? '')
  assert.deepEqual(models(last), names.slice(50))
  assert.equal(link(last, 'next'), undefined)
  const back = await view(link(last, 'prev') ?? '')
  assert.deepEqual(models(back), names.slice(25, 50))
  assert.deepEqual(models(await view(link(back, 'prev') ?? '')), names.slice(0, 25))
})

test('a view takes the parameters of the API', async () => {
  const query = 'chemistry=LFP&format=pouch&min_nominal_capacity_mah=1200&order=desc&limit=3'
  const answer = (await (await fetch(`${edge.url}/batteries?${query}`)).json()) as {
    items: { model: string }[]
  }
  const html = await view(`/?${query}`)
  assert.deepEqual(
    models(html),
    answer.items.map(({ model }) => model),
  )
  assert.match(html, /<option value="LFP" selected>/)
  assert.match(html, /name="min_nominal_capacity_mah"[^>]*value="1200"/)
})

test('each filter in use can be removed while the others stay', async () => {
  const html = await view('/?chemistry=LFP&manufacturer=Beta+Power')
  const chips = all(html, /<ul class="chips"([^]*?)<\/ul>/g)[0] ?? ''
  assert.deepEqual(all(chips, /href="([^"]*)"/g), ['/?manufacturer=Beta+Power', '/?chemistry=LFP'])
})

test('the head of a column sorts by it, greatest first, and then reverses the order', async () => {
  function heads(html: string) {
    return all(html, /<th[^>]*>\s*<a href="([^"]*sort=nominal_capacity_mah[^"]*)"/g)
  }
  const [descending = ''] = heads(await view('/?chemistry=NMC'))
  assert.equal(descending, '/?chemistry=NMC&sort=nominal_capacity_mah&order=desc')
  const ordered = await view(descending)
  assert.match(ordered, /aria-sort="descending"/)
  const answer = (await (await fetch(`${edge.url}/batteries${descending.slice(1)}`)).json()) as {
    items: { model: string; nominal_capacity_mah: number }[]
  }
  assert.equal(answer.items[0]?.nominal_capacity_mah, 1800)
  assert.deepEqual(
    models(ordered),
    answer.items.map(({ model }) => model),
  )
  const [ascending = ''] = heads(ordered)
  assert.equal(ascending, '/?chemistry=NMC&sort=nominal_capacity_mah')
  assert.match(await view(ascending), /aria-sort="ascending"/)
})

test('a list that is sorted by its range filter says so in the column head', async () => {
  const html = await view('/?min_nominal_capacity_mah=1500')
  assert.equal(all(html, /(aria-sort="[a-z]+")/g).length, 1)
  assert.match(html, /aria-sort="ascending"[^<]*<a href="[^"]*sort=nominal_capacity_mah&amp;order=desc"/)
})

test('a form sent without scripts is redirected to the short address, in base units', async () => {
  const response = await fetch(
    `${edge.url}/?q=&chemistry=LFP&format=&min_mass_mg.readable=44,5&max_mass_mg.readable=`,
    {
      redirect: 'manual',
    },
  )
  assert.equal(response.status, 303)
  assert.equal(response.headers.get('location'), '/?chemistry=LFP&min_mass_mg=44500')
})

test('a search that finds nothing says so', async () => {
  const html = await view('/?q=zzzz')
  assert.match(html, /No cell or pack matches/)
  assert.doesNotMatch(html, /class="plot"/)
})

test('the chart has a point for each row with the values it needs, and a table that sums them up', async () => {
  const html = await view('/?chemistry=LFP')
  const drawn = batteries.filter((b) => b.chemistry === 'LFP' && b.nominal_capacity_mah !== null)
  assert.equal(all(html, /(<use\s)/g).length, drawn.length)
  assert.match(html, /24 of 30 rows state capacity, voltage and mass/)
  assert.match(html, /role="img" aria-labelledby="chart-title chart-description"/)
  assert.match(
    html,
    /<th scope="row">[^]*?LFP\s*<\/th>\s*<td class="number">24<\/td>\s*<td class="number">1100 to 1700<\/td>/,
  )
})

test('the downloads and the command keep the filter and the order, not the page', async () => {
  const html = await view('/?chemistry=LFP&sort=mass_mg&limit=10')
  assert.deepEqual(all(html, /<a class="button" href="([^"]*)" download/g), [
    '/batteries/export?chemistry=LFP&sort=mass_mg&as=csv',
    '/batteries/export?chemistry=LFP&sort=mass_mg&as=ndjson',
    '/batteries/export?chemistry=LFP&sort=mass_mg&as=json',
  ])
  assert.deepEqual(all(html, /<code data-copy-source>([^<]*)<\/code>/g), [
    `voltdrop send --batteries --chemistry LFP --filter sort=mass_mg --edge ${edge.url}`,
  ])
})

test('a battery is shown with its figures, shipping class, product and source', async () => {
  const html = await view('/view/batteries/7')
  for (const text of ['M-P-007', '1600', 'Wh/kg', '/view/products/7', 'https://example.com/sheet.pdf'])
    assert.ok(html.includes(text), text)
  assert.match(html.replaceAll('\u00a0', ' '), /UN3480, PI 965, Section IB; charged to 30 % at most/)
})

test('a product links to its batteries, and products are filtered as by the API', async () => {
  assert.match(await view('/view/products/7'), /<a href="\/view\/batteries\/7">/)
  const html = await view('/view/products?category=charger&manufacturer=beta+power')
  const expected = products.filter((p) => p.category === 'charger' && p.manufacturer === 'Beta Power')
  assert.deepEqual(
    all(html, /<a href="\/view\/products\/\d+"><bdi>([^<]*)<\/bdi>/g),
    expected.map(({ name }) => name),
  )
})

test('up to four batteries are compared, and what cannot be shown is named', async () => {
  const html = await view('/compare?id=1&id=2&id=2&id=999&id=x&id=5&id=6')
  assert.deepEqual(models(html), [batteries[0]?.model, batteries[1]?.model])
  assert.match(html, /Not shown: <bdi>999, x, 5, 6<\/bdi>/)
  assert.match(await view('/compare'), /Nothing to compare yet/)
})

test('a query that the API refuses is answered 422 with the fault at its field', async () => {
  const html = await view(
    '/?chemistry=lead&min_mass_mg=heavy&max_mass_mg=-1&colour=red&format=coin&format=pouch',
    422,
  )
  for (const parameter of ['chemistry', 'min_mass_mg', 'max_mass_mg', 'format']) {
    assert.ok(html.includes(`aria-describedby="fault-${parameter}"`), parameter)
    assert.ok(html.includes(`id="fault-${parameter}"`), parameter)
  }
  assert.match(html, /role="alert"/)
  assert.match(html, /below 0 g/)
  assert.match(html, /Colour<\/bdi>: <bdi>not known here/)
  assert.match(await view('/view/products?status=sold', 422), /aria-describedby="fault-status"/)
})

test('a missing item is answered 404 and an invalid cursor 400, as HTML', async () => {
  for (const path of ['/view/batteries/999', '/view/batteries/x', '/view/products/0'])
    assert.match(await view(path, 404), /<h1>There is no such (battery|product)\.<\/h1>/)
  const cursor = await view('/?chemistry=LFP&cursor=AAAA', 400)
  assert.match(cursor, /<a class="button" href="\/\?chemistry=LFP"\s*>To the list/)
})

test('a page loads scripts and styles from its own origin only, and is revalidated each time', async () => {
  for (const path of [
    '/',
    '/view/products',
    '/view/batteries/1',
    '/compare',
    '/view/batteries/999',
    '/?x=1',
  ]) {
    const { headers } = await fetch(edge.url + path)
    const policy = headers.get('content-security-policy') ?? ''
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ])
      assert.ok(policy.split('; ').includes(part), `${path}: ${part}`)
    assert.doesNotMatch(policy, /unsafe|\*|http/)
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin')
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin')
    assert.match(headers.get('cache-control') ?? '', /^no-(cache|store)$/)
  }
})

test('assets are immutable under their current version, and revalidated under another', async () => {
  const html = await view('/')
  const addresses = all(html, /(?:href|src)="(\/assets\/page\.[^"]*)"/g)
  assert.equal(addresses.length, 2)
  for (const address of addresses) {
    const fresh = await fetch(edge.url + address)
    assert.match(fresh.headers.get('cache-control') ?? '', /immutable/)
    assert.match(fresh.headers.get('content-type') ?? '', /^text\/(css|javascript); charset=utf-8$/)
    assert.ok((await fresh.text()).length > 1000)
    const old = await fetch(`${edge.url}${address.replace(/v=.*/, 'v=0')}`)
    await old.body?.cancel()
    assert.equal(old.headers.get('cache-control'), 'no-cache')
  }
})

test('every link of the pages is answered 200', async () => {
  const start = [
    '/',
    '/?chemistry=LFP&sort=mass_mg',
    '/view/products',
    '/view/batteries/1',
    '/compare?id=1&id=2',
  ]
  const pages = await Promise.all(start.map((path) => view(path)))
  const addresses = new Set(pages.flatMap((html) => all(html, /(?:href|src|action)="(\/[^"#]*)"/g)))
  assert.ok(addresses.size > 60)
  for (const address of addresses) {
    const response = await fetch(edge.url + address)
    await response.body?.cancel()
    assert.equal(response.status, 200, address)
  }
})

test('parameters named like what every object has are refused like any unknown one', async () => {
  const names = ['colour', '__proto__', 'constructor', 'toString', 'valueOf', '__defineGetter__']
  const queries = names.flatMap((name) => [`${name}=1`, `${name}=1&${name}=2`])
  await Promise.all(['/', '/view/products'].flatMap((path) => queries.map((q) => view(`${path}?${q}`, 422))))
})

test('a list that an address may not ask for now is not read for its chart either', async () => {
  const asked: unknown[] = []
  function note(statement: unknown) {
    asked.push(statement)
    return new Promise<never>(() => {})
  }
  const statement = { bind: () => statement, all: note, raw: note, run: note }
  const refusing = { limit: () => Promise.resolve({ success: false }) }
  const database = { withSession: () => ({ prepare: () => statement, batch: note }) }
  for (const path of ['/?sort=mass_mg&q=cell', '/view/products?sort=name&q=cell']) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const response = await pages.request(path, {}, { DB: database, COSTLY_LIST_LIMIT: refusing })
    assert.equal(response.status, 429, path)
    assert.deepEqual(asked, [], path)
  }
})
