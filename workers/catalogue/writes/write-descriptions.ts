/** The routes that write, as the OpenAPI document describes them. Each is made with the guard in front of it. */
import { createRoute, type RouteConfig } from '@hono/zod-openapi'
import { z } from 'zod'
import type { Resource } from '../../../protocol/catalogue/vocabulary.ts'
import {
  BatteryImport,
  ImportResult,
  MAX_IMPORT_BYTES,
  MAX_IMPORT_ROWS,
  ProductImport,
} from '../../../protocol/catalogue/import-rows.ts'
import { BatteryInput, BatteryPatch, ProductInput, ProductPatch } from '../../../protocol/catalogue/input.ts'
import { BatteryImportQuery, IdParameter, ProductImportQuery } from '../../../protocol/catalogue/query.ts'
import { Product } from '../../../protocol/catalogue/shapes.ts'
import { BatteryDetail } from '../../../protocol/catalogue/views/battery-views.ts'
import { json, problem } from '../../http/openapi-responses.ts'
import { guardWrites } from './write-guard.ts'
import type { ShownItem } from './write-row.ts'

/** A full row has about 2 KB. */
export const MAX_BODY_BYTES = 65_536

type Shapes = {
  readonly one: string
  readonly item: z.ZodType<ShownItem>
  /** Names of the bodies' schemas in the OpenAPI document. */
  readonly input: string
  readonly patch: string
  readonly rows: string
  readonly query: typeof ProductImportQuery | typeof BatteryImportQuery
  readonly described: Readonly<Record<string, z.ZodType>>
}

export const writeShapes: Record<Resource, Shapes> = {
  products: {
    one: 'product',
    item: Product,
    input: 'ProductInput',
    patch: 'ProductPatch',
    rows: 'ProductImport',
    query: ProductImportQuery,
    described: { ProductInput, ProductPatch, ProductImport },
  },
  batteries: {
    one: 'battery',
    item: BatteryDetail,
    input: 'BatteryInput',
    patch: 'BatteryPatch',
    rows: 'BatteryImport',
    query: BatteryImportQuery,
    described: { BatteryInput, BatteryPatch, BatteryImport },
  },
}

const refusals = {
  401: problem('No token, or one that this edge does not know.'),
  413: problem('The body is larger than the limit.'),
  422: problem('A field or parameter is not valid; each is named.'),
  429: problem('Too many wrong tokens from this address.'),
  503: problem('This edge has no token and takes no writes, or other writes kept overtaking this one.'),
}
const badBody = {
  400: problem('Malformed JSON, nested too deep, with a duplicate name, or not UTF-8.'),
  415: problem('Not application/json in UTF-8, or compressed.'),
}
const conditions = {
  404: problem('No item has this id.'),
  412: problem('The item has changed since. The ETag header is that of its present state.'),
  428: problem('If-Match is missing.'),
}
const conflict = { 409: problem('Another row has its natural key or GTIN.') }

/** A body is only described here. It is validated after the guard, which sees its size, encoding and duplicate names. */
function described(name: string) {
  return {
    body: {
      required: true,
      content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
    },
  }
}

const ifMatch = z.object({
  'if-match': z.string().meta({ description: 'ETag of the state that is changed, or `*`.' }),
})
const security = [{ bearer: [] }]

/** A route with the guard in front. */
function guarded<const Config extends RouteConfig>(config: Config, guard: Parameters<typeof guardWrites>[0]) {
  return createRoute({ ...config, security, middleware: [guardWrites(guard)] as const })
}

const body = { maxBytes: MAX_BODY_BYTES }
const target = { params: IdParameter, headers: ifMatch }

export function createRouteOf(resource: Resource) {
  const { one, item, input } = writeShapes[resource]
  const config = {
    method: 'post',
    path: '/',
    summary: `Add a ${one}`,
    description: 'Adding the same row again is answered 200 and changes nothing.',
    request: described(input),
    responses: {
      200: json(item, 'The same row exists already.'),
      201: json(item, 'Added.'),
      ...refusals,
      ...badBody,
      ...conflict,
    },
  } as const
  return guarded(config, body)
}

/** PUT and PATCH. */
export function changeRoutesOf(resource: Resource) {
  const { one, item, input, patch } = writeShapes[resource]
  const common = {
    path: '/{id}',
    responses: {
      200: json(item, 'The item as it is now.'),
      ...refusals,
      ...badBody,
      ...conditions,
      ...conflict,
    },
  } as const
  const replacing = {
    ...common,
    method: 'put',
    summary: `Replace a ${one}`,
    description: 'A field that the body leaves out is not known afterwards.',
    request: { ...target, ...described(input) },
  } as const
  const patching = {
    ...common,
    method: 'patch',
    summary: `Change fields of a ${one}`,
    description: 'JSON merge patch (RFC 7396): null clears a field.',
    request: { ...target, ...described(patch) },
  } as const
  const guard = { ...body, conditional: true }
  return { replace: guarded(replacing, guard), patch: guarded(patching, guard) }
}

export function removeRouteOf(resource: Resource) {
  const config = {
    method: 'delete',
    path: '/{id}',
    summary: `Remove a ${writeShapes[resource].one}`,
    request: target,
    responses: {
      204: { description: 'Removed; its id is not used again.' },
      ...refusals,
      ...conditions,
      409: problem('Batteries refer to it; the detail names them.'),
    },
  } as const
  return guarded(config, { conditional: true })
}

export function importRouteOf(resource: Resource) {
  const { rows, query } = writeShapes[resource]
  const config = {
    method: 'post',
    path: '/import',
    summary: `Add and change many ${resource} at once`,
    description:
      `At most ${MAX_IMPORT_ROWS.toLocaleString('en')} rows and ${MAX_IMPORT_BYTES / 2 ** 20} MiB, all or none. ` +
      'A row whose natural key is there changes it: a field that is left out ' +
      'keeps its value, null clears it. Faults point at /rows/<index>/<field>.',
    request: { query, ...described(rows) },
    responses: {
      200: json(ImportResult, 'Done, or with `dry_run` what would be done.'),
      ...refusals,
      ...badBody,
    },
  } as const
  return guarded(config, { maxBytes: MAX_IMPORT_BYTES })
}
