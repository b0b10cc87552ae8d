/** Writing single rows: created, changed, removed and refused, and the entries in the change log. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { upsertStatements } from '../../../drizzle/seed/seed-sql.ts'
import { someBatteries, someProducts } from '../../support/edge/catalogue-rows.ts'
import { catalogueEdge, type Edge } from '../../support/edge/edge.ts'
import { faults, send, sha256Of, writeSecrets, writeToken } from '../../support/edge/writer.ts'

let edge: Edge

before(async () => {
  edge = await catalogueEdge({ seed: false, secrets: writeSecrets })
  const products = someProducts(20)
  await edge.db.exec(upsertStatements({ products, batteries: someBatteries(products) }).join('\n'))
})
after(() => edge.close())

const source_url = 'https://example.com/sheet.pdf'
const product = { sku: 'X-1', name: 'New', manufacturer: 'Gamma', category: 'charger', source_url }
const battery = { product_id: 1, manufacturer: 'Gamma', model: 'G-1', kind: 'cell', source_url }

async function value(sql: string): Promise<unknown> {
  return edge.db.prepare(sql).first('value')
}
function revision() {
  return value('SELECT revision AS value FROM catalogue_revision')
}
function changes() {
  return value('SELECT count(*) AS value FROM catalogue_changes')
}
async function tagOf(path: string) {
  return (await send(edge, 'GET', path)).headers.get('etag') ?? ''
}
function ifMatch(tag: string) {
  return { 'if-match': tag }
}

test('a product is created, shown at its address, and entered in the change log', async () => {
  const before = Number(await revision())
  const made = await send(edge, 'POST', '/products', product)
  assert.equal(made.status, 201)
  const path = made.headers.get('location') ?? ''
  const shown = await send(edge, 'GET', path)
  assert.deepEqual(shown.body, made.body)
  assert.equal(shown.headers.get('etag'), made.headers.get('etag'))
  assert.equal(made.headers.get('cache-control'), 'no-store')
  assert.ok(Number(await revision()) > before)
  const change = await edge.db.prepare('SELECT * FROM catalogue_changes ORDER BY id DESC').first()
  assert.deepEqual(
    [
      change?.['action'],
      change?.['resource'],
      change?.['name'],
      change?.['before_sha256'],
      change?.['token'],
    ],
    ['create', 'products', 'X-1', null, sha256Of(writeToken).slice(0, 8)],
  )
  assert.match(String(change?.['after_sha256']), /^[0-9a-f]{64}$/)
})

test('the same row sent again is answered 200 and changes nothing', async () => {
  await send(edge, 'POST', '/batteries', battery)
  const before = [await revision(), await changes()]
  const again = await send(edge, 'POST', '/batteries', battery)
  assert.equal(again.status, 200)
  assert.equal(again.body['model'], 'G-1')
  assert.deepEqual([await revision(), await changes()], before)
})

test('a different row with the same natural key, in any case, is a conflict that names the existing row', async () => {
  const taken = { ...product, sku: 'p-001', manufacturer: 'ALPHA cells' }
  const answer = await send(edge, 'POST', '/products', taken)
  assert.deepEqual(faults(answer), [409, 'already_exists', '/sku'])
  assert.match(String(answer.body['detail']), /^\/products\/1 /)
  const other = await send(edge, 'POST', '/batteries', {
    ...battery,
    manufacturer: 'Alpha Cells',
    model: 'm-p-001',
  })
  assert.deepEqual(faults(other), [409, 'already_exists', '/model'])
})

test('a GTIN belongs to one product, and its check digit must be correct', async () => {
  const gtin = '4006381333931'
  assert.equal((await send(edge, 'POST', '/products', { ...product, sku: 'X-2', gtin })).status, 201)
  const other = await send(edge, 'POST', '/products', { ...product, sku: 'X-3', gtin })
  assert.deepEqual(faults(other), [409, 'already_exists', '/gtin'])
  const wrong = await send(edge, 'POST', '/products', { ...product, sku: 'X-3', gtin: '4006381333932' })
  assert.deepEqual(faults(wrong), [422, 'bad_field', '/gtin'])
})

test('PATCH changes the fields that it names, null clears one, and the version is raised', async () => {
  const path = '/batteries/2'
  const tag = await tagOf(path)
  const answer = await send(edge, 'PATCH', path, { cycle_life: 800, mass_mg: null }, ifMatch(tag))
  assert.equal(answer.status, 200)
  assert.deepEqual([answer.body['cycle_life'], answer.body['mass_mg']], [800, null])
  assert.equal(answer.body['specific_energy_mwh_per_kg'], null)
  assert.equal(answer.body['nominal_voltage_mv'], 3600)
  assert.equal(answer.headers.get('etag'), await tagOf(path))
  assert.notEqual(answer.headers.get('etag'), tag)
  assert.equal(await value('SELECT version AS value FROM lithium_ion_batteries WHERE id = 2'), 2)
})

test('PUT replaces a row: fields that it leaves out become unknown', async () => {
  const path = '/batteries/3'
  const body = { product_id: 3, manufacturer: 'Alpha Cells', model: 'M-P-003', kind: 'cell', source_url }
  const answer = await send(edge, 'PUT', path, body, ifMatch(await tagOf(path)))
  assert.equal(answer.status, 200)
  assert.deepEqual([answer.body['chemistry'], answer.body['nominal_capacity_mah']], [null, null])
})

test('a change without an effect leaves revision, version and change log as they are', async () => {
  const path = '/batteries/4'
  const before = [await revision(), await changes()]
  const answer = await send(edge, 'PATCH', path, { nominal_voltage_mv: 3600 }, ifMatch(await tagOf(path)))
  assert.equal(answer.status, 200)
  assert.deepEqual([await revision(), await changes()], before)
})

for (const [method, body] of [
  ['PUT', product],
  ['PATCH', { name: 'Other' }],
  ['DELETE', undefined],
] as const) {
  test(`${method} must name the state that it changes (If-Match), and is refused if that is outdated`, async () => {
    const path = '/products/6'
    assert.deepEqual(faults(await send(edge, method, path, body)), [428, 'precondition_required', 'if-match'])
    const tag = await tagOf(path)
    await edge.db.prepare("UPDATE products SET name = name || '.' WHERE id = 6").run()
    for (const stale of [tag, `W/${await tagOf(path)}`, '"x", *', '"', '']) {
      // oxlint-disable-next-line no-await-in-loop
      const answer = await send(edge, method, path, body, ifMatch(stale || '""'))
      assert.deepEqual(faults(answer), [412, 'precondition_failed'], stale)
      assert.equal(answer.headers.get('etag'), await tagOf(path))
    }
    assert.deepEqual(faults(await send(edge, method, '/products/9999', body, ifMatch('*'))), [
      404,
      'no_such_product',
    ])
  })
}

test('of two changes to the same state, the second is refused', async () => {
  const path = '/products/7'
  const tag = await tagOf(path)
  const answers = await Promise.all(
    ['one', 'two', 'three'].map((name) => send(edge, 'PATCH', path, { name }, ifMatch(tag))),
  )
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 412, 412],
  )
})

test('simultaneous changes to different rows all succeed', async () => {
  const answers = await Promise.all(
    [8, 9, 10, 11].map(async (id) =>
      send(edge, 'PATCH', `/products/${id}`, { name: 'At once' }, ifMatch(await tagOf(`/products/${id}`))),
    ),
  )
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200],
  )
  assert.equal(await value("SELECT count(*) AS value FROM products WHERE name = 'At once'"), 4)
})

test('a product that batteries refer to is not removed, and the refusal names them', async () => {
  const answer = await send(edge, 'DELETE', '/products/12', undefined, ifMatch('*'))
  assert.deepEqual(faults(answer), [409, 'product_in_use'])
  assert.equal(answer.body['detail'], '/batteries/12 (M-P-012)')
  assert.equal(await value('SELECT count(*) AS value FROM products WHERE id = 12'), 1)
})

test('a battery and then its product are removed, and their ids are not reused', async () => {
  for (const path of ['/batteries/20', '/products/20']) {
    // oxlint-disable-next-line no-await-in-loop
    const answer = await send(edge, 'DELETE', path, undefined, ifMatch(await tagOf(path)))
    assert.equal(answer.status, 204)
    // oxlint-disable-next-line no-await-in-loop
    assert.equal((await send(edge, 'GET', path)).status, 404)
  }
  const change = await edge.db.prepare('SELECT * FROM catalogue_changes ORDER BY id DESC').first()
  assert.deepEqual([change?.['action'], change?.['after_sha256']], ['delete', null])
})

test('a battery whose product does not exist is refused at its product_id', async () => {
  const answer = await send(edge, 'POST', '/batteries', { ...battery, model: 'G-9', product_id: 9999 })
  assert.deepEqual(faults(answer), [422, 'bad_field', '/product_id'])
})

const wrongFields: [string, object, string[]][] = [
  ['an unknown field', { colour: 'red' }, ['/colour']],
  ['a derived field', { energy_mwh: 5 }, ['/energy_mwh']],
  ['an id', { id: 7 }, ['/id']],
  ['text for a number', { mass_mg: '45000' }, ['/mass_mg']],
  ['a fraction', { mass_mg: 45_000.5 }, ['/mass_mg']],
  ['a value in the wrong unit', { nominal_voltage_mv: 4 }, ['/nominal_voltage_mv']],
  ['a text of 121 characters', { model: 'x'.repeat(121) }, ['/model']],
  ['a control character', { model: 'a\u0007b' }, ['/model']],
  ['a C1 control character', { model: 'a\u0085b' }, ['/model']],
  ['a mark that reverses the direction of text', { model: 'a\u202ec\u202cb' }, ['/model']],
  ['a Unicode line separator', { model: 'a\u2028b' }, ['/model']],
  ['a blank at the end', { model: 'a ' }, ['/model']],
  ['half a surrogate pair', { model: 'a\ud800' }, ['/model']],
  ['a date that does not exist', { source_retrieved_on: '2026-02-30' }, ['/source_retrieved_on']],
  ['a source that is not https', { source_url: 'javascript:alert(1)' }, ['/source_url']],
  ['a list for a field', { chemistry: ['NMC'] }, ['/chemistry']],
  ['values out of order', { minimum_capacity_mah: 9, nominal_capacity_mah: 8 }, ['/minimum_capacity_mah']],
  ['a width of a cylinder', { format: 'cylindrical', width_um: 18_000 }, ['/width_um']],
  ['the size of another case', { model: 'INR18650-M29', size_code: 'R21700' }, ['/size_code']],
  ['a row without required fields', { kind: undefined, model: undefined }, ['/model', '/kind']],
]

for (const [what, fields, expected] of wrongFields) {
  test(`${what} is refused at its field`, async () => {
    const posted = await send(edge, 'POST', '/batteries', { ...battery, ...fields })
    assert.deepEqual(faults(posted), [422, 'bad_field', ...expected])
    const put = await send(edge, 'PUT', '/batteries/5', { ...battery, ...fields }, ifMatch('*'))
    assert.deepEqual(faults(put), [422, 'bad_field', ...expected])
  })
}
