/** The handlers of the routes that write, the same for products and batteries. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { REVISION_HEADER, type Resource } from '../../../protocol/catalogue/vocabulary.ts'
import { MAX_IMPORT_BYTES } from '../../../protocol/catalogue/import-rows.ts'
import { AnyObject } from '../../../protocol/catalogue/input.ts'
import { importRows } from './write-import.ts'
import { readJson } from '../../http/request-body.ts'
import { answerInvalid } from '../../http/validation.ts'
import {
  changeRoutesOf,
  createRouteOf,
  importRouteOf,
  MAX_BODY_BYTES,
  removeRouteOf,
  writeShapes,
} from './write-descriptions.ts'
import type { Writing } from './write-guard.ts'
import { changeRow, createRow, removeRow, validate, writables, type WriteResult } from './write-row.ts'

function headersOf({ revision, tag }: WriteResult) {
  return { etag: tag, [REVISION_HEADER]: String(revision) }
}

function conditionOf(headers: { 'if-match': string }) {
  return { ifMatch: headers['if-match'] }
}

/** The routes of `/products` or `/batteries` that write. */
export function writesOf(resource: Resource) {
  const writable = writables[resource]
  const { replace, patch: patchRoute } = changeRoutesOf(resource)
  const app = new OpenAPIHono<Writing>({ defaultHook: answerInvalid })
  for (const [name, shape] of Object.entries(writeShapes[resource].described))
    app.openAPIRegistry.register(name, shape)

  app.openapi(createRouteOf(resource), async (c) => {
    const made = await createRow(c.env.DB, writable, await readJson(c.req, MAX_BODY_BYTES), c.var.writer)
    const headers = { ...headersOf(made), location: `/${resource}/${made.item.id}` }
    return made.created ? c.json(made.item, 201, headers) : c.json(made.item, 200, headers)
  })
  app.openapi(replace, async (c) => {
    const body = await readJson(c.req, MAX_BODY_BYTES)
    const target = {
      ...c.req.valid('param'),
      ...conditionOf(c.req.valid('header')),
      writer: c.var.writer,
    }
    const made = await changeRow(c.env.DB, writable, target, () => body)
    return c.json(made.item, 200, headersOf(made))
  })
  app.openapi(patchRoute, async (c) => {
    const patch = validate(AnyObject, await readJson(c.req, MAX_BODY_BYTES))
    const target = {
      ...c.req.valid('param'),
      ...conditionOf(c.req.valid('header')),
      writer: c.var.writer,
    }
    const made = await changeRow(c.env.DB, writable, target, (row) => ({ ...row, ...patch }))
    return c.json(made.item, 200, headersOf(made))
  })
  app.openapi(removeRouteOf(resource), async (c) => {
    const target = {
      ...c.req.valid('param'),
      ...conditionOf(c.req.valid('header')),
      writer: c.var.writer,
    }
    await removeRow(c.env.DB, writable, target)
    return c.body(null, 204)
  })
  app.openapi(importRouteOf(resource), async (c) => {
    const body = await readJson(c.req, MAX_IMPORT_BYTES)
    const query = c.req.valid('query')
    const createProducts = 'create_products' in query && query.create_products
    const options = { dryRun: query.dry_run, createProducts, writer: c.var.writer }
    const result = await importRows(c.env.DB, resource, body, options)
    return c.json(result, 200, { [REVISION_HEADER]: String(result.revision) })
  })
  return app
}
