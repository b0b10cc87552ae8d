/** `/products`: what is sold. Routes only: the SQL is in product-queries.ts. */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import {
  ProductExportQuery,
  ProductQuery,
  IdParameter,
  type ProductFilters,
} from '../../../protocol/catalogue/query.ts'
import { productFields } from '../../../protocol/catalogue/columns.ts'
import { Product } from '../../../protocol/catalogue/shapes.ts'
import { ListedProductPage } from '../../../protocol/catalogue/views/battery-views.ts'
import { digestAnswers, fileAnswers, itemAnswers, pageAnswers } from './answer-descriptions.ts'
import { openCatalogue } from '../queries/catalogue-queries.ts'
import type { Env } from '../../env.ts'
import { digestOnce } from '../export/export-turns.ts'
import { itemAnswer } from './entity-tags.ts'
import { rememberLists } from './list-memory.ts'
import { Problem } from '../../http/problem.ts'
import {
  areCostlyProducts,
  countProducts,
  findProduct,
  listProducts,
  productPosition,
} from '../queries/product-queries.ts'
import { answerFile, pick, readPage, type ShownList } from './list-answers.ts'

const list = createRoute({
  method: 'get',
  path: '/',
  summary: 'List and filter products',
  middleware: [rememberLists] as const,
  request: { query: ProductQuery },
  responses: pageAnswers(ListedProductPage),
})

const read = createRoute({
  method: 'get',
  path: '/{id}',
  summary: 'One product',
  request: { params: IdParameter },
  responses: itemAnswers(Product),
})

const download = createRoute({
  method: 'get',
  path: '/export',
  summary: 'All products of a filter as a file',
  request: { query: ProductExportQuery },
  responses: fileAnswers,
})

const prove = createRoute({
  method: 'get',
  path: '/export/digest',
  summary: 'Rows, bytes, CRC-32 and SHA-256 of that file',
  request: { query: ProductExportQuery },
  responses: digestAnswers,
})

/** The list that one request asks for. */
export function openProducts(
  database: D1Database,
  filters: ProductFilters,
  fields: readonly string[] = productFields,
) {
  const catalogue = openCatalogue(database)
  return {
    resource: 'products',
    filters,
    fields,
    list: (after, limit) => listProducts(catalogue, filters, after, limit, fields),
    position: (product) => productPosition(product, filters),
    total: () => countProducts(catalogue, filters),
    isCostly: areCostlyProducts(filters),
    show: pick<Product>(fields),
  } satisfies ShownList<Product, Product> & { fields: readonly string[] }
}

export const productRoutes = new OpenAPIHono<{ Bindings: Env }>()
  .openapi(list, async (c) => {
    const { limit, cursor, fields, include, ...filters } = c.req.valid('query')
    const listing = openProducts(c.env.DB, filters, fields)
    const answer = await readPage(c, listing, { limit, cursor, fields, include })
    return answer.held ? c.body(null, 304, answer.held) : c.json(answer.page, 200, answer.headers)
  })
  .openapi(download, (c) => {
    const { as: format, fields, ...filters } = c.req.valid('query')
    return answerFile(c, { ...openProducts(c.env.DB, filters, fields), format })
  })
  .openapi(prove, async (c) => {
    const { as: format, fields, ...filters } = c.req.valid('query')
    return c.json(await digestOnce(c, { ...openProducts(c.env.DB, filters, fields), format }), 200)
  })
  .openapi(read, async (c) => {
    const { revision, product } = await findProduct(openCatalogue(c.env.DB), c.req.valid('param').id)
    if (product === undefined) throw new Problem('no_such_product')
    const { held, headers } = await itemAnswer(c, revision, product)
    return held ? c.body(null, 304, headers) : c.json(product, 200, headers)
  })
