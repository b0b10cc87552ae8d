/** Hostile text from the catalogue or from an address stays text on every view. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { upsertStatements } from '../../../drizzle/seed/seed-sql.ts'
import { noBrowser, startBrowser } from '../../support/browser.ts'
import { catalogueEdge, type Edge } from '../../support/edge/edge.ts'

/** Closes a tag, an attribute in either quotes, a script, a style sheet and a drawing, opens a comment, and reverses the reading direction. */
const hostile = `</title></bdi>"'><img src=x onerror=alert(1)><!--\u202e</script></style></svg>{{7*7}}\${1}&lt;`
function name(what: string): string {
  return `${what} ${hostile}`.slice(0, 120)
}

const source = {
  source_url: `https://example.com/"onmouseover="alert(1)`,
  source_title: name('source'),
  source_licence: name('licence'),
}
const product = {
  sku: name('sku'),
  name: name('name'),
  manufacturer: name('maker'),
  category: 'lithium_ion_cell',
  status: 'active',
  datasheet_url: `https://example.com/'><script>alert(1)</script>`,
  datasheet_revision: name('revision'),
  ...source,
} as const
const battery = {
  product_sku: product.sku,
  manufacturer: product.manufacturer,
  model: name('model'),
  kind: 'cell',
  size_code: name('size'),
  cathode_basis: name('cathode'),
  capacity_condition: name('condition'),
  un383_report: name('report'),
  battinfo_iri: `https://example.com/"><b>`,
  nominal_capacity_mah: 3000,
  nominal_voltage_mv: 3600,
  mass_mg: 45_000,
  ...source,
} as const

const typed = encodeURIComponent(hostile)
const paths = [
  '/',
  `/?manufacturer=${encodeURIComponent(product.manufacturer)}`,
  `/?q=${typed}`,
  `/?chemistry=${typed}`,
  `/?${typed}=${typed}`,
  `/?cursor=${typed}`,
  `/?min_mass_mg=${typed}&q=model`,
  `/view/products?manufacturer=${encodeURIComponent(product.manufacturer)}`,
  `/view/products?category=${typed}`,
  '/view/batteries/1',
  `/view/batteries/${typed}`,
  '/view/products/1',
  '/compare?id=1',
  `/compare?id=1&id=${typed}`,
]

let edge: Edge

before(async () => {
  edge = await catalogueEdge({ seed: false })
  await edge.db.exec(upsertStatements({ products: [product], batteries: [battery] }).join('\n'))
})
after(() => edge.close())

test('text from the catalogue or the address never becomes markup', async () => {
  for (const path of paths) {
    const html = await (await fetch(edge.url + path)).text()
    assert.doesNotMatch(html, /<img|<b>|<!--|onerror=alert\(1\)>|"onmouseover|<script>/, path)
    assert.equal(html.match(/<script/g)?.length, 1, path)
    assert.equal(html.match(/<\/title\s*>/g)?.length, html.match(/<title/g)?.length, path)
  }
})

test('the text of a row is shown unchanged', { skip: noBrowser }, async () => {
  const browser = await startBrowser()
  try {
    const page = await browser.newPage()
    const alerts: string[] = []
    page.on('dialog', (dialog) => {
      alerts.push(dialog.message())
      void dialog.dismiss()
    })
    page.on('pageerror', (error) => alerts.push(error.message))
    for (const path of paths) {
      await page.goto(edge.url + path)
      assert.equal(await page.locator('img, main script').count(), 0, path)
    }
    await page.goto(`${edge.url}/view/batteries/1`)
    assert.equal(await page.locator('h1').textContent(), battery.model)
    assert.equal(await page.title(), `${battery.manufacturer} ${battery.model} · Voltdrop`)
    const sources = page.getByRole('link', { name: 'source' })
    assert.equal(new URL((await sources.first().getAttribute('href')) ?? '').origin, 'https://example.com')
    assert.deepEqual(alerts, [])
  } finally {
    await browser.close()
  }
})
