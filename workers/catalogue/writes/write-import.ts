/**
 * An import: many rows at once, all or none. A row whose natural key exists changes that row and keeps the fields that it does not name;
 * any other row is new. All rows are checked, and every fault of every row is reported.
 */
import { productColumns, provenanceFields } from '../../../protocol/catalogue/columns.ts'
import { categoryOfKind, type Resource } from '../../../protocol/catalogue/vocabulary.ts'
import { foldKey, naturalKeyOf, naturalKeys } from '../../../protocol/catalogue/natural-keys.ts'
import { checkImportRow, ImportEnvelope, type ImportResult } from '../../../protocol/catalogue/import-rows.ts'
import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'
import { readRevision, type Catalogue } from '../queries/catalogue-queries.ts'
import type { Fault } from '../../http/problem.ts'
import { faultsOf } from '../../http/validation.ts'
import { readByKeys, readProducts, type StoredRow } from './write-queries.ts'
import { decideAndWrite, fieldProblem, isSameRow, keyOf, ownFields, recordOf, validate } from './write-row.ts'

export type ImportOptions = {
  readonly dryRun: boolean
  /** Creates the products that batteries refer to and that do not exist. */
  readonly createProducts: boolean
  readonly writer: string
}

type Given = Readonly<Record<string, unknown>>
/** A row of the import: its index, the row that exists, and the row that is to be. */
type JoinedRow = {
  readonly index: number
  readonly before: StoredRow | undefined
  readonly after: CatalogueRow
}

function pointerTo(index: number, field: string): string {
  return `/rows/${index}/${field}`
}

/** Joins each row with the one that exists, and checks it. */
function joinRows(resource: Resource, rows: readonly Given[], stored: readonly StoredRow[]) {
  const known = new Map(stored.map((row) => [foldKey(keyOf(resource, row)), row]))
  const seen = new Map<string, number>()
  const lines: JoinedRow[] = []
  const faults: Fault[] = []
  for (const [index, row] of rows.entries()) {
    const key = foldKey(naturalKeyOf(resource, row) ?? [String(index)])
    const earlier = seen.get(key)
    if (earlier !== undefined)
      faults.push({ pointer: `/rows/${index}`, detail: `the same as row ${earlier}` })
    seen.set(key, index)
    const before = known.get(key)
    // A product named by number replaces the product id that the battery has.
    const own = before && ownFields(resource, before)
    const kept = own && row['product_sku'] !== undefined ? { ...own, product_id: null } : own
    const [first, second] = naturalKeys[resource]
    // The key keeps its spelling: a row that matches in another case does not rename the existing one.
    const spelt = before && { [first]: before[first], [second]: before[second] }
    const checked = checkImportRow(resource, { ...kept, ...row, ...spelt }, 'whole')
    if (checked.faults.length === 0) lines.push({ index, before, after: checked.row })
    for (const { field, detail } of checked.faults)
      faults.push(...faultsOf('json', { path: ['rows', index, field], message: detail }))
  }
  return { lines, faults }
}

/** Faults for GTINs that two rows, or a row and another product, would share. */
async function gtinFaults(catalogue: Catalogue, lines: readonly JoinedRow[]): Promise<Fault[]> {
  const gtins = lines.flatMap(({ after: { gtin } }) => (typeof gtin === 'string' ? [gtin] : []))
  const holders = new Map((await readProducts(catalogue, { gtins })).map((row) => [row['gtin'], row.id]))
  const seen = new Set<string>()
  return lines.flatMap(({ index, before, after: { gtin } }) => {
    if (typeof gtin !== 'string') return []
    const holder = holders.get(gtin)
    const taken = seen.has(gtin) || (holder !== undefined && holder !== before?.id)
    seen.add(gtin)
    return taken ? [{ pointer: pointerTo(index, 'gtin'), detail: 'taken by another product' }] : []
  })
}

/** The natural key of a battery's product. Unless the row names it, it has the battery's manufacturer, and its model as number. */
function productKey({ after: row }: JoinedRow): [string, string] {
  return [
    String(row['product_manufacturer'] ?? row['manufacturer']),
    String(row['product_sku'] ?? row['model']),
  ]
}

/** The product of a battery that names none that exists, with the battery's source. */
function newProduct(line: JoinedRow): CatalogueRow {
  const [manufacturer, sku] = productKey(line)
  const provenance = provenanceFields.map((field) => [field, line.after[field]])
  return ownFields('products', {
    sku,
    manufacturer,
    name: `${manufacturer} ${sku}`.slice(0, productColumns.name.longest).trim(),
    category: categoryOfKind[line.after['kind'] === 'pack' ? 'pack' : 'cell'],
    status: productColumns.status.default,
    ...Object.fromEntries(provenance),
  })
}

/** Gives each battery the id of its product, or the natural key of a product that is still to be created. */
async function joinProducts(catalogue: Catalogue, lines: readonly JoinedRow[], createProducts: boolean) {
  const ids = lines.flatMap(({ after: { product_id: id } }) => (typeof id === 'number' ? [id] : []))
  const unnumbered = lines.filter(({ after }) => after['product_id'] === null)
  const byId = new Set((await readProducts(catalogue, { ids })).map(({ id }) => id))
  const { rows } = await readByKeys(catalogue, 'products', unnumbered.map(productKey))
  const byKey = new Map(rows.map((row) => [foldKey(keyOf('products', row)), row.id]))
  const created = new Map<string, CatalogueRow>()
  const faults: Fault[] = []
  const joined = lines.map((line): JoinedRow => {
    const { index, after } = line
    if (typeof after['product_id'] === 'number') {
      if (!byId.has(after['product_id']))
        faults.push({ pointer: pointerTo(index, 'product_id'), detail: 'no such product' })
      return line
    }
    const [product_manufacturer, product_sku] = productKey(line)
    const key = foldKey([product_manufacturer, product_sku])
    const id = byKey.get(key)
    if (id !== undefined) return { ...line, after: { ...after, product_id: id } }
    if (createProducts) created.set(key, created.get(key) ?? newProduct(line))
    else if (after['product_sku'] === null)
      faults.push({
        pointer: pointerTo(index, 'product_id'),
        detail: 'names no product, and none is to be created',
      })
    else faults.push({ pointer: pointerTo(index, 'product_sku'), detail: 'no such product' })
    return { ...line, after: { ...after, product_manufacturer, product_sku } }
  })
  return { lines: joined, products: [...created.values()], faults }
}

/** Reads the existing rows and decides on the changes. Throws `bad_field` with all faults. */
async function decideImport(
  catalogue: Catalogue,
  resource: Resource,
  rows: readonly Given[],
  { createProducts, writer }: ImportOptions,
) {
  const keys = rows.flatMap((row) => [naturalKeyOf(resource, row)].filter((key) => key !== undefined))
  const { revision, rows: stored } = await readByKeys(catalogue, resource, keys)
  const { lines, faults } = joinRows(resource, rows, stored)
  const {
    lines: ready,
    products,
    faults: more,
  } = resource === 'products'
    ? { lines, products: [], faults: await gtinFaults(catalogue, lines) }
    : await joinProducts(catalogue, lines, createProducts)
  if (faults.length + more.length > 0) throw fieldProblem([...faults, ...more])

  const added = ready.filter(({ before }) => before === undefined)
  const changed = ready.filter(
    ({ before, after }) => before !== undefined && !isSameRow(resource, before, after),
  )
  const record = await Promise.all([
    ...products.map((row) => recordOf('products', undefined, row)),
    ...[...added, ...changed].map(({ before, after }) => recordOf(resource, before, after)),
  ])
  const changes = {
    create: added.map(({ after }) => after),
    update: changed.map(({ before, after }) => ({ ...after, id: before?.id ?? 0 })),
    products,
    record,
    writer,
  }
  const counts = {
    created: added.length,
    updated: changed.length,
    unchanged: ready.length - added.length - changed.length,
    products_created: products.length,
  }
  return { revision, changes, counts }
}

/** Imports the rows of `body` (see `ImportEnvelope`); with `dryRun` only counts what would change. */
export function importRows(
  database: D1Database,
  resource: Resource,
  body: unknown,
  options: ImportOptions,
): Promise<ImportResult> {
  const { rows } = validate(ImportEnvelope, body)
  const { dryRun: dry_run } = options
  return decideAndWrite<ImportResult>(database, resource, async (catalogue) => {
    const { revision, changes, counts } = await decideImport(catalogue, resource, rows, options)
    if (dry_run || changes.record.length === 0) return { done: { revision, dry_run, ...counts } }
    async function answer() {
      return { revision: await readRevision(catalogue), dry_run, ...counts }
    }
    return { revision, changes, answer }
  })
}
