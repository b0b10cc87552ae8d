/**
 * The page for people: `/` (batteries), `/view/products`, `/view/batteries/:id`, `/view/products/:id`, `/compare?id=..&id=..`.
 * Rendered here, from the API's own shapes and queries, and complete without JavaScript. It has paths of its own rather than sharing
 * the API's by content negotiation: one address, one representation, one cache entry.
 */
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { html } from 'hono/html'
import {
  BatteryExportQuery,
  BatteryQuery,
  IdParameter,
  ProductExportQuery,
  ProductQuery,
} from '../../protocol/catalogue/query.ts'
import type { Battery } from '../../protocol/catalogue/shapes.ts'
import { openBatteries } from '../catalogue/routes/battery-routes.ts'
import { findBattery } from '../catalogue/queries/battery-queries.ts'
import { openCatalogue } from '../catalogue/queries/catalogue-queries.ts'
import type { Env } from '../env.ts'
import { Problem, statusOf } from '../http/problem.ts'
import { findProduct } from '../catalogue/queries/product-queries.ts'
import { openProducts } from '../catalogue/routes/product-routes.ts'
import { readPage } from '../catalogue/routes/list-answers.ts'
import { faultsOf, type Issue } from '../http/validation.ts'
import { address, readGiven, withoutPaging, type Given } from './address.ts'
import { assets } from './assets.ts'
import { batteryDetail } from './detail/battery-detail.ts'
import { batteryList } from './list/battery-list.ts'
import { chartFields, CHART_ROWS } from './chart/chart.ts'
import { compare, MAX_COMPARED } from './detail/compare.ts'
import { readableFault, type Faults } from './list/filter-form.ts'
import { layout, type View } from './layout.ts'
import { listBatteriesOf, listMakers } from './page-queries.ts'
import { parametersOf, type Parameter } from './parameters.ts'
import { productDetail } from './detail/product-detail.ts'
import { productList, PRODUCT_LIST_PATH } from './list/product-list.ts'

type PageContext = Context<{ Bindings: Env }>

/** Nothing inline, nothing from elsewhere; `form-action` is needed by the filters, which are plain forms. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

const pageHeaders: MiddlewareHandler = async function pageHeaders(c, next) {
  await next()
  c.res.headers.set('content-security-policy', contentSecurityPolicy)
  c.res.headers.set('cross-origin-opener-policy', 'same-origin')
  c.res.headers.set('cross-origin-resource-policy', 'same-origin')
  // May be kept for going back, and is asked for again on every other way: a page must not outlive its style sheet.
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-cache')
}

function answer(c: PageContext, view: View, status: 200 | 404 | 422 = 200) {
  return c.html(layout(view), status)
}

type Served = {
  readonly path: string
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly exported: ReadonlyMap<string, Parameter>
}

const servedBatteries: Served = {
  path: '/',
  parameters: parametersOf(BatteryQuery),
  exported: parametersOf(BatteryExportQuery),
}
const servedProducts: Served = {
  path: PRODUCT_LIST_PATH,
  parameters: parametersOf(ProductQuery),
  exported: parametersOf(ProductExportQuery),
}

/** The list as it is asked for, before a row of it is known. */
function blankList(c: PageContext, given: Given, { path, parameters, exported }: Served) {
  const filters = Object.entries(withoutPaging(given)).filter(([name]) => exported.has(name))
  return {
    given,
    parameters,
    faults: new Map<string, string>(),
    makers: [],
    items: [],
    pages: { path, given, previous: null, next: null },
    exported: Object.fromEntries(filters),
    origin: new URL(c.req.url).origin,
  }
}

/** What a shape refuses, by parameter. */
function faultsBy(error: { readonly issues: readonly object[] }): Faults {
  const faults = error.issues.flatMap((issue) => faultsOf('query', issue as Issue))
  return new Map(
    faults
      .slice(0, 20)
      .flatMap((fault) =>
        'parameter' in fault ? [[fault.parameter, readableFault(fault.parameter, fault.detail)]] : [],
      ),
  )
}

async function showBatteries(c: PageContext) {
  const { given, proper } = readGiven(c.req.queries())
  if (!proper) return c.redirect(address('/', given), 303)
  const view = { title: 'Batteries', section: 'batteries' } as const
  const blank = { ...blankList(c, given, servedBatteries), charted: [] }
  const parsed = BatteryQuery.safeParse(given)
  if (!parsed.success) {
    return answer(c, { ...view, main: batteryList({ ...blank, faults: faultsBy(parsed.error) }) }, 422)
  }
  const { limit, cursor, fields: _fields, include: _include, ...filters } = parsed.data
  const listing = { ...openBatteries(c.env.DB, filters), show: (battery: Battery) => battery }
  const [read, charted, makers] = await Promise.all([
    readPage(c, listing, { limit, cursor }),
    cursor === undefined
      ? openBatteries(c.env.DB, filters, chartFields).list(undefined, CHART_ROWS)
      : { items: [] },
    listMakers(openCatalogue(c.env.DB), 'batteries'),
  ])
  if (read.held) return c.body(null, 304, read.held)
  const { items, next, previous, revision } = read.page
  const pages = { ...blank.pages, previous, next }
  const main = batteryList({ ...blank, makers, items, charted: charted.items, pages })
  return answer(c, { ...view, main, revision })
}

async function showProducts(c: PageContext) {
  const { given, proper } = readGiven(c.req.queries())
  if (!proper) return c.redirect(address(PRODUCT_LIST_PATH, given), 303)
  const view = { title: 'Products', section: 'products' } as const
  const blank = blankList(c, given, servedProducts)
  const parsed = ProductQuery.safeParse(given)
  if (!parsed.success) {
    return answer(c, { ...view, main: productList({ ...blank, faults: faultsBy(parsed.error) }) }, 422)
  }
  const { limit, cursor, fields: _fields, include: _include, ...filters } = parsed.data
  const [read, makers] = await Promise.all([
    readPage(c, openProducts(c.env.DB, filters), { limit, cursor }),
    listMakers(openCatalogue(c.env.DB), 'products'),
  ])
  if (read.held) return c.body(null, 304, read.held)
  const { items, next, previous, revision } = read.page
  const main = productList({ ...blank, makers, items, pages: { ...blank.pages, previous, next } })
  return answer(c, { ...view, main, revision })
}

/** The id in the path, or undefined for what cannot be one. */
function idOf(text: string): number | undefined {
  return IdParameter.safeParse({ id: text }).data?.id
}

async function showBattery(c: PageContext) {
  const id = idOf(c.req.param('id') ?? '')
  if (id === undefined) throw new Problem('no_such_battery')
  const { revision, battery, product } = await findBattery(openCatalogue(c.env.DB), id)
  if (battery === undefined || product === undefined) throw new Problem('no_such_battery')
  const main = batteryDetail({ ...battery, product })
  return answer(c, {
    title: `${battery.manufacturer} ${battery.model}`,
    section: 'batteries',
    main,
    revision,
  })
}

async function showProduct(c: PageContext) {
  const id = idOf(c.req.param('id') ?? '')
  if (id === undefined) throw new Problem('no_such_product')
  const catalogue = openCatalogue(c.env.DB)
  const { revision, product } = await findProduct(catalogue, id)
  if (product === undefined) throw new Problem('no_such_product')
  const main = productDetail(product, await listBatteriesOf(catalogue, id))
  return answer(c, { title: product.name, section: 'products', main, revision })
}

async function showComparison(c: PageContext) {
  const asked = [...new Set(c.req.queries('id') ?? [])]
  const ids = asked.slice(0, MAX_COMPARED)
  const found = await Promise.all(
    ids.map(async (text) => {
      const id = idOf(text)
      return id === undefined ? undefined : (await findBattery(openCatalogue(c.env.DB), id)).battery
    }),
  )
  const batteries = found.filter((battery) => battery !== undefined)
  const missing = ids.filter((_, i) => found[i] === undefined)
  const left = [...missing, ...asked.slice(MAX_COMPARED)].slice(0, 20).map((text) => text.slice(0, 40))
  return answer(c, { title: 'Compare', section: 'compare', main: compare({ batteries, left }) })
}

export const page = new Hono<{ Bindings: Env }>()
  .route('/assets', assets)
  .use('/', pageHeaders)
  .use('/view/*', pageHeaders)
  .use('/compare', pageHeaders)
  .get('/', showBatteries)
  .get(PRODUCT_LIST_PATH, showProducts)
  .get('/view/batteries/:id', showBattery)
  .get('/view/products/:id', showProduct)
  .get('/compare', showComparison)

/** What a person sees instead of a problem document. An error of the edge itself is the application's to log and answer. */
page.onError((error, c) => {
  if (!(error instanceof Problem)) throw error
  const path = c.req.path.startsWith('/view/products') ? PRODUCT_LIST_PATH : '/'
  const listed = c.req.path === path ? readGiven(c.req.queries()).given : {}
  const main = html`<div class="heading">
      <h1>${error.message}</h1>
      <p class="lead">${error.options.detail ?? ''}</p>
    </div>
    <p><a class="button" href="${address(path, listed, { cursor: undefined })}">To the list</a></p>`
  const document = layout({ title: error.message, section: undefined, main })
  return c.html(document, statusOf(error.code), { 'cache-control': 'no-store' })
})
