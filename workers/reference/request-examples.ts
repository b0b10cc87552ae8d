/** An example request for each operation of the interface. They are part of the OpenAPI document, and tests run them. */

type Example = { readonly path: string; readonly body?: object; readonly ifMatch?: string }

const source_url = 'https://example.com/datasheet.pdf'

const cell = {
  manufacturer: 'Example Cells',
  model: 'EX-18650-35',
  kind: 'cell',
  format: 'cylindrical',
  size_code: 'R18650',
  nominal_capacity_mah: 3500,
  nominal_voltage_mv: 3600,
  mass_mg: 48_000,
  source_url,
}
const product = {
  sku: 'EX-18650-35',
  name: 'Example 18650, 3500 mAh',
  manufacturer: 'Example Cells',
  category: 'lithium_ion_cell',
  source_url,
}

/** By method and path of the operation. If-Match `*` accepts whatever version is there. */
const EXAMPLES: Readonly<Record<string, Example>> = {
  'GET /health': { path: '/health' },
  'GET /products': { path: '/products?category=lithium_ion_cell&sort=name&limit=3' },
  'GET /products/{id}': { path: '/products/1' },
  'GET /products/export': { path: '/products/export?as=csv&fields=manufacturer,sku,name' },
  'GET /products/export/digest': { path: '/products/export/digest?as=csv&fields=manufacturer,sku,name' },
  'POST /products': { path: '/products', body: product },
  'PUT /products/{id}': {
    path: '/products/1',
    body: { ...product, sku: 'EX-21700-50', name: 'Example 21700, 5000 mAh' },
    ifMatch: '*',
  },
  'PATCH /products/{id}': { path: '/products/1', body: { status: 'end_of_life' }, ifMatch: '*' },
  'DELETE /products/{id}': { path: '/products/150', ifMatch: '*' },
  'POST /products/import': { path: '/products/import?dry_run=true', body: { rows: [product] } },
  'GET /batteries': {
    path: '/batteries?chemistry=LFP&min_nominal_capacity_mah=1000&sort=specific_energy_mwh_per_kg&order=desc&limit=3',
  },
  'GET /batteries/{id}': { path: '/batteries/1' },
  'GET /batteries/{id}/mapping': { path: '/batteries/1/mapping' },
  'GET /batteries/export': { path: '/batteries/export?as=ndjson&q=18650' },
  'GET /batteries/export/digest': { path: '/batteries/export/digest?as=ndjson&q=18650' },
  'POST /batteries': { path: '/batteries', body: { product_id: 1, ...cell } },
  'PUT /batteries/{id}': {
    path: '/batteries/1',
    body: { product_id: 1, ...cell, model: 'EX-21700-50', size_code: 'R21700', nominal_capacity_mah: 5000 },
    ifMatch: '*',
  },
  'PATCH /batteries/{id}': { path: '/batteries/1', body: { cycle_life: 500 }, ifMatch: '*' },
  'DELETE /batteries/{id}': { path: '/batteries/1', ifMatch: '*' },
  'POST /batteries/import': {
    path: '/batteries/import?create_products=true',
    body: { rows: [cell, { ...cell, model: 'EX-18650-29', nominal_capacity_mah: 2900 }] },
  },
  'POST /rooms': { path: '/rooms' },
}

/** The example as a shell command, with `$EDGE` for the edge's address and `$VOLTDROP_TOKEN` for the token. */
export function curlOf(operation: string, guarded: boolean): string | undefined {
  const example = EXAMPLES[operation]
  if (example === undefined) return undefined
  const [method = ''] = operation.split(' ')
  return [
    'curl',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    ...(guarded ? ['-H "Authorization: Bearer $VOLTDROP_TOKEN"'] : []),
    ...(example.ifMatch === undefined ? [] : [`-H 'If-Match: ${example.ifMatch}'`]),
    ...(example.body === undefined
      ? []
      : ["-H 'Content-Type: application/json'", `-d '${JSON.stringify(example.body)}'`]),
    `"$EDGE${example.path}"`,
  ].join(' ')
}
