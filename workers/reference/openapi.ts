/**
 * The edge's HTTP interface, described by the very schemas that validate it: `GET /openapi.json` (OpenAPI 3.1) and `GET /docs`.
 *
 *   GET    /products  /batteries                 one page: {revision, items, next, previous, total?}; Link rel=next, rel=prev
 *          q, filters, min_<column>, max_<column>, sort=<column>, order=asc|desc, fields=a,b, limit, cursor,
 *          include=total (both), readable and shipping (batteries): a comma list
 *   GET    /products/{id}                        the product
 *   GET    /batteries/{id}                       the battery, with `product`, `readable` (units people read), `shipping`
 *   GET    /batteries/{id}/mapping               each attribute's BattINFO and Battery Pass name, and whether this row fills it
 *   GET    /{both}/export?as=csv|ndjson|json     the whole list as a file, same filters, sort and fields as the list
 *   GET    /{both}/export/digest                 {revision, rows, bytes, crc32, sha256} of that file; NDJSON also ends with it
 *   POST   /{both}                               201, or 200 when the same row is there already; 409 when another has its natural key
 *   PUT    /{both}/{id}   PATCH (RFC 7396)       If-Match: the item's ETag (428 without, 412 when it is another)
 *   DELETE /{both}/{id}                          If-Match as well; 409 names the batteries that refer to a product
 *   POST   /{both}/import?dry_run=true           {rows: [...]}: at most 1,000 rows and 1 MiB, all or nothing, upsert by natural key:
 *          a field that is left out keeps its value, null clears it. Answers {revision, dry_run, created, updated, unchanged};
 *          faults point at /rows/<index>/<field>. A battery names its product by product_id, or by product_sku and
 *          product_manufacturer (default: its own maker); with create_products=true and neither, by its model, made when missing.
 *
 * Lists carry an ETag of the catalogue's revision, items one of what they show; both are answered 304 to If-None-Match. A list may come
 * from memory for LIST_MEMORY_SECONDS (list-memory.ts). Every route that writes takes `Authorization: Bearer <token>`.
 * Natural keys: product (manufacturer, sku), battery (manufacturer, model).
 */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { docsHeaders, docsPage, docsStyle } from './reference-page.ts'
import type { Env } from '../env.ts'
import type { Description, Operation } from './openapi-document.ts'
import { asCurl } from './request-examples.ts'

type App = OpenAPIHono<{ Bindings: Env }>

const about = {
  openapi: '3.1.0',
  info: {
    title: 'Voltdrop edge',
    version: '1',
    description:
      'Products and lithium-ion batteries, and the rooms in which two agents meet. Numbers are integers in the unit that ends ' +
      'their name; null is not known. Errors are problem documents (RFC 9457) with a stable `code`. Reading takes no token.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  tags: [
    { name: 'Batteries', description: 'Cell and pack models: what they are, can do and weigh.' },
    { name: 'Products', description: 'What is sold: cells, packs, other batteries, chargers.' },
    { name: 'Rooms', description: 'Where two agents meet. The edge cannot read what they say.' },
    { name: 'Edge', description: 'The edge itself.' },
  ],
}

/** By the first step of a path. */
function tagOf(path: string): string {
  return { batteries: 'Batteries', products: 'Products', rooms: 'Rooms' }[path.split('/')[1] ?? ''] ?? 'Edge'
}

/** `GET /batteries/{id}` as a name, `get-batteries-id`: of the operation in a client, of its place in the reference page. */
function nameOf(method: string, path: string): string {
  return `${method}${path.replaceAll(/[^a-z]+/g, '-')}`.replaceAll(/-$/g, '')
}

/** The document, with a name, a tag and an example request at each operation. */
export function describe(app: App): Description {
  const document = app.getOpenAPI31Document(about) as unknown as Description
  const paths = Object.entries(document.paths).map(([path, operations]) => {
    const shown = Object.entries(operations).map(([method, operation]) => {
      const source = asCurl(`${method.toUpperCase()} ${path}`, operation.security !== undefined)
      const samples = source === undefined ? {} : { 'x-codeSamples': [{ lang: 'Shell', source }] }
      const named = { operationId: nameOf(method, path), tags: [tagOf(path)] }
      return [method, { ...named, ...operation, ...samples }]
    })
    return [path, Object.fromEntries(shown) as Readonly<Record<string, Operation>>]
  })
  return { ...document, paths: Object.fromEntries(paths) as Description['paths'] }
}

const kept = { 'cache-control': 'public, max-age=300' }

/** Adds `/openapi.json` and `/docs`, made once, when they are first asked for. */
export function addReference(app: App): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  let description: Description | undefined
  let page: string | undefined
  function described() {
    return (description ??= describe(app))
  }
  app.get('/openapi.json', (c) => c.json(described(), 200, kept))
  app.get('/docs', async (c) => c.html((page ??= String(await docsPage(described()))), 200, docsHeaders))
  app.get('/docs/docs.css', (c) =>
    c.body(docsStyle, 200, { ...kept, 'content-type': 'text/css; charset=utf-8' }),
  )
}
