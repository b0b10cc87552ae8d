/** The OpenAPI 3.1 document: what the routes say of themselves, from the schemas that validate requests, with names, tags and examples added. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Env } from '../env.ts'
import type { ApiDescription, Operation } from './openapi-document.ts'
import { curlOf } from './request-examples.ts'

export type App = OpenAPIHono<{ Bindings: Env }>

const API_ABOUT = {
  openapi: '3.1.0',
  info: {
    title: 'Voltdrop edge',
    version: '1',
    description:
      'Products and lithium-ion batteries, and the rooms in which two agents meet. Numbers are integers in the unit that ends ' +
      'their name; null is not known. The natural key of a product is its manufacturer and sku, that of a battery its ' +
      'manufacturer and model. Errors are problem documents (RFC 9457) with a stable `code`. Reading takes no token.',
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

/** The tag of a path, by its first segment. */
function tagOf(path: string): string {
  return { batteries: 'Batteries', products: 'Products', rooms: 'Rooms' }[path.split('/')[1] ?? ''] ?? 'Edge'
}

/** `GET /batteries/{id}` gives `get-batteries-id`: the operation's name in a client, and its anchor in the reference page. */
function operationIdOf(method: string, path: string): string {
  return `${method}${path.replaceAll(/[^a-z]+/g, '-')}`.replaceAll(/-$/g, '')
}

/** The document of an app, with a name, a tag and an example request for each operation. */
export function describeApi(app: App): ApiDescription {
  const document = app.getOpenAPI31Document(API_ABOUT) as unknown as ApiDescription
  const paths = Object.entries(document.paths).map(([path, operations]) => {
    const shown = Object.entries(operations).map(([method, operation]) => {
      const source = curlOf(`${method.toUpperCase()} ${path}`, operation.security !== undefined)
      const samples = source === undefined ? {} : { 'x-codeSamples': [{ lang: 'Shell', source }] }
      const named = { operationId: operationIdOf(method, path), tags: [tagOf(path)] }
      return [method, { ...named, ...operation, ...samples }]
    })
    return [path, Object.fromEntries(shown) as Readonly<Record<string, Operation>>]
  })
  return { ...document, paths: Object.fromEntries(paths) as ApiDescription['paths'] }
}
