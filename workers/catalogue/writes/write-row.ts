/**
 * Creates, changes and removes single rows. The rules are the same for products and batteries; `writables` holds what differs. Each
 * write is decided at one revision of the catalogue, and done only if the catalogue is still at that revision.
 */
import type { z } from 'zod'
import type { Resource } from '../../../protocol/catalogue/vocabulary.ts'
import { writableFields } from '../../../protocol/catalogue/columns.ts'
import { naturalKeyOf, naturalKeys } from '../../../protocol/catalogue/natural-keys.ts'
import { BatteryInput, ProductInput } from '../../../protocol/catalogue/input.ts'
import { findBattery } from '../queries/battery-queries.ts'
import { withViews } from '../routes/battery-view.ts'
import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'
import type { Catalogue } from '../queries/catalogue-queries.ts'
import { itemTag } from '../routes/entity-tags.ts'
import { toHex } from '../../http/hash.ts'
import { Problem, type Fault, type ProblemCode } from '../../http/problem.ts'
import { findProduct } from '../queries/product-queries.ts'
import { faultsOf, type Issue } from '../../http/validation.ts'
import {
  applyChanges,
  openForWriting,
  readByKeys,
  readProducts,
  readReferring,
  type Change,
  type Changes,
} from './write-queries.ts'

/** Times that a write is decided, when other writes overtake it. */
const MAX_DECISIONS = 8

type Json = string | number | boolean | null | { readonly [field: string]: Json }
/** A product or battery as it is shown: its fields and views. */
export type ShownItem = { readonly [field: string]: Json; readonly id: number }
type Found = { readonly revision: number; readonly item: ShownItem | undefined }

type Writable = {
  readonly resource: Resource
  readonly input: z.ZodType<CatalogueRow>
  readonly missing: ProblemCode
  /** Reads the item as it is shown, from which its ETag is made. */
  readonly read: (catalogue: Catalogue, id: number) => Promise<Found>
}

async function showBattery(catalogue: Catalogue, id: number): Promise<Found> {
  const { revision, battery, product } = await findBattery(catalogue, id)
  return { revision, item: battery && product && withViews(battery, product) }
}

async function showProduct(catalogue: Catalogue, id: number): Promise<Found> {
  const { revision, product } = await findProduct(catalogue, id)
  return { revision, item: product }
}

export const writables = {
  products: { resource: 'products', input: ProductInput, missing: 'no_such_product', read: showProduct },
  batteries: { resource: 'batteries', input: BatteryInput, missing: 'no_such_battery', read: showBattery },
} as const satisfies Record<Resource, Writable>

export type WriteResult = {
  readonly revision: number
  readonly item: ShownItem
  readonly tag: string
  readonly created: boolean
}

/** The writable fields of a row, in their order. */
export function ownFields(resource: Resource, row: Readonly<Record<string, unknown>>): CatalogueRow {
  return Object.fromEntries(
    writableFields[resource].map((field) => [field, (row[field] ?? null) as CatalogueRow[string]]),
  )
}

export function isSameRow(resource: Resource, a: CatalogueRow, b: CatalogueRow): boolean {
  return writableFields[resource].every((field) => (a[field] ?? null) === (b[field] ?? null))
}

/** The natural key of a valid row, which always has one. */
export function keyOf(resource: Resource, row: CatalogueRow): [string, string] {
  return naturalKeyOf(resource, row) ?? ['', '']
}

/**
 * Decides and writes, again when another write came in between. `decide` returns the changes, or the answer if there is nothing to do.
 * Throws `catalogue_changed` when it was overtaken MAX_DECISIONS times.
 */
export async function decideAndWrite<Answer>(
  database: D1Database,
  resource: Resource,
  decide: (
    catalogue: Catalogue,
  ) => Promise<{ done: Answer } | { revision: number; changes: Changes; answer: () => Promise<Answer> }>,
): Promise<Answer> {
  const catalogue = openForWriting(database)
  for (let attempt = 0; attempt < MAX_DECISIONS; attempt++) {
    // oxlint-disable-next-line no-await-in-loop -- decided again only after a write that was overtaken
    const decided = await decide(catalogue)
    if ('done' in decided) return decided.done
    // oxlint-disable-next-line no-await-in-loop
    if (await applyChanges(catalogue, resource, decided.revision, decided.changes)) return decided.answer()
  }
  throw new Problem('catalogue_changed', { headers: { 'retry-after': '1' } })
}

async function hashOf(resource: Resource, row: CatalogueRow): Promise<string> {
  const text = JSON.stringify(ownFields(resource, row))
  return toHex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

/** The entry for the change log. */
export async function recordOf(
  resource: Resource,
  before?: CatalogueRow,
  after?: CatalogueRow,
): Promise<Change> {
  const row = after ?? before ?? {}
  const [manufacturer, name] = keyOf(resource, row)
  return {
    resource,
    action: before === undefined ? 'create' : after === undefined ? 'delete' : 'update',
    manufacturer,
    name,
    before_sha256: before === undefined ? null : await hashOf(resource, before),
    after_sha256: after === undefined ? null : await hashOf(resource, after),
  }
}

/** The validated body. Throws `bad_field` with a fault for each field. */
export function validate<Input>(shape: z.ZodType<Input>, body: unknown): Input {
  const result = shape.safeParse(body)
  if (result.success) return result.data
  throw fieldProblem(result.error.issues.flatMap((issue) => faultsOf('json', issue as Issue)))
}

export function fieldProblem(faults: readonly Fault[]) {
  return new Problem('bad_field', { faults: faults.slice(0, 1_000) })
}

/** Refuses a battery whose product does not exist, and a product with the GTIN of another. `id` is that of the row, if it exists. */
async function checkReferences(
  catalogue: Catalogue,
  resource: Resource,
  row: CatalogueRow,
  id?: number,
): Promise<void> {
  if (resource === 'batteries') {
    const [product] = await readProducts(catalogue, { ids: [Number(row['product_id'])] })
    if (product === undefined) throw fieldProblem([{ pointer: '/product_id', detail: 'no such product' }])
    return
  }
  if (typeof row['gtin'] !== 'string') return
  const [other] = await readProducts(catalogue, { gtins: [row['gtin']] })
  if (other !== undefined && other.id !== id) throw existsAlready(resource, other.id, '/gtin')
}

function existsAlready(resource: Resource, id: number, pointer: string) {
  return new Problem('already_exists', {
    detail: `/${resource}/${id} has it.`,
    faults: [{ pointer, detail: 'taken' }],
  })
}

/** The item as it is now. Throws its `missing` problem. */
async function readShown(
  catalogue: Catalogue,
  { read, missing }: Writable,
  id: number,
): Promise<WriteResult> {
  const { revision, item } = await read(catalogue, id)
  if (item === undefined) throw new Problem(missing)
  return { revision, item, tag: await itemTag(item), created: false }
}

/** Creates a row. The same row again changes nothing and is no error; a different one with the same natural key is a conflict. */
export function createRow(
  database: D1Database,
  writable: Writable,
  body: unknown,
  writer: string,
): Promise<WriteResult> {
  const { resource } = writable
  const row = validate(writable.input, body)
  return decideAndWrite<WriteResult>(database, resource, async (catalogue) => {
    const key = keyOf(resource, row)
    const { revision, rows } = await readByKeys(catalogue, resource, [key])
    const [existing] = rows
    if (existing !== undefined) {
      if (!isSameRow(resource, existing, row))
        throw existsAlready(resource, existing.id, `/${naturalKeys[resource][1]}`)
      return { done: await readShown(catalogue, writable, existing.id) }
    }
    await checkReferences(catalogue, resource, row)
    const changes = { create: [row], record: [await recordOf(resource, undefined, row)], writer }
    async function answer() {
      const made = await readByKeys(catalogue, resource, [key])
      return { ...(await readShown(catalogue, writable, made.rows[0]?.id ?? 0)), created: true }
    }
    return { revision, changes, answer }
  })
}

/** RFC 9110, section 13.1.1: strong comparison with a list of tags; `*` alone matches any. */
function matchesTag(ifMatch: string, tag: string): boolean {
  return ifMatch.trim() === '*' || ifMatch.split(',').some((given) => given.trim() === tag)
}

async function readMatching(catalogue: Catalogue, writable: Writable, id: number, ifMatch: string) {
  const found = await readShown(catalogue, writable, id)
  if (!matchesTag(ifMatch, found.tag))
    throw new Problem('precondition_failed', { headers: { etag: found.tag } })
  return found
}

type Target = { readonly id: number; readonly ifMatch: string; readonly writer: string }

/** Replaces a row by `next` of it. */
export function changeRow(
  database: D1Database,
  writable: Writable,
  { id, ifMatch, writer }: Target,
  next: (row: CatalogueRow) => unknown,
): Promise<WriteResult> {
  const { resource } = writable
  return decideAndWrite<WriteResult>(database, resource, async (catalogue) => {
    const found = await readMatching(catalogue, writable, id, ifMatch)
    const before = ownFields(resource, found.item)
    const row = validate(writable.input, next(before))
    if (isSameRow(resource, before, row)) return { done: found }
    const { rows } = await readByKeys(catalogue, resource, [keyOf(resource, row)])
    const other = rows.find((existing) => existing.id !== id)
    if (other !== undefined) throw existsAlready(resource, other.id, `/${naturalKeys[resource][1]}`)
    await checkReferences(catalogue, resource, row, id)
    const record = [await recordOf(resource, before, row)]
    const changes = { update: [{ ...ownFields(resource, row), id }], record, writer }
    return { revision: found.revision, changes, answer: () => readShown(catalogue, writable, id) }
  })
}

/** Removes a row; a product only if no battery refers to it. */
export function removeRow(
  database: D1Database,
  writable: Writable,
  { id, ifMatch, writer }: Target,
): Promise<void> {
  const { resource } = writable
  return decideAndWrite<void>(database, resource, async (catalogue) => {
    const { revision, item } = await readMatching(catalogue, writable, id, ifMatch)
    if (resource === 'products') await refuseInUse(catalogue, id)
    const changes = { remove: [id], record: [await recordOf(resource, ownFields(resource, item))], writer }
    return { revision, changes, answer: () => Promise.resolve() }
  })
}

async function refuseInUse(catalogue: Catalogue, productId: number): Promise<void> {
  const { count, first } = await readReferring(catalogue, productId)
  if (count === 0) return
  const named = first.map(({ id, model }) => `/batteries/${id} (${model})`).join(', ')
  const rest = count > first.length ? ` and ${count - first.length} more` : ''
  throw new Problem('product_in_use', { detail: `${named}${rest}` })
}
