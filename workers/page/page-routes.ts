/**
 * The HTML pages, rendered from the API's own shapes and queries, and complete without JavaScript. They have their own paths
 * instead of sharing the API's by content negotiation: one address, one representation, one cache entry.
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
import { NO_STORE, REVALIDATE } from '../http/cache-control.ts'
import { Problem, statusOf } from '../http/problem.ts'
import { findProduct } from '../catalogue/queries/product-queries.ts'
import { lacksTable } from '../catalogue/queries/readiness-queries.ts'
import { notReady, whenReady } from '../catalogue/routes/when-ready.ts'
import { openProducts } from '../catalogue/routes/product-routes.ts'
import { readPage } from '../catalogue/routes/list-answers.ts'
import { contentSecurityPolicy, SAME_ORIGIN_ONLY } from '../http/response-headers.ts'
import { faultsOf, type Issue } from '../http/validation.ts'
import { COMPARE_PATH, MAX_COMPARED, PRODUCT_LIST_PATH } from './view-address.ts'
import { queryAddress, readQuery, withoutPaging, type Given } from './view-query.ts'
import { assets } from './assets.ts'
import { batteryDetail } from './detail/battery-detail.ts'
import { batteryList } from './list/battery-list.ts'
import { CHART_FIELDS, CHART_ROWS } from './chart/chart.ts'
import { compare } from './detail/compare.ts'
import { readableFault, type Faults } from './list/filter-form.ts'
import { layout, type View } from './layout.ts'
import { listBatteriesOf, listMakers } from './page-queries.ts'
import { parametersOf, type Parameter } from './list-parameters.ts'
import { productDetail } from './detail/product-detail.ts'
import { productList } from './list/product-list.ts'

/** Limits of what a page repeats from its address. */
const MAX_SHOWN_FAULTS = 20
const MAX_NOT_SHOWN = 20
const MAX_NOT_SHOWN_CHARACTERS = 40

type PageContext = Context<{ Bindings: Env }>

/** Nothing inline and nothing from other sites. `form-action` is for the filters, which are plain forms. */
const PAGE_POLICY = contentSecurityPolicy(
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
)

const pageHeaders: MiddlewareHandler = async function pageHeaders(c, next) {
  await next()
  c.res.headers.set('content-security-policy', PAGE_POLICY)
  c.res.headers.set('cross-origin-opener-policy', 'same-origin')
  for (const [header, value] of Object.entries(SAME_ORIGIN_ONLY)) c.res.headers.set(header, value)
  // A page must not outlive its style sheet: it may be cached for the back button, and is revalidated otherwise.
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', REVALIDATE)
}

function answer(c: PageContext, view: View, status: 200 | 404 | 422 = 200) {
  return c.html(layout(view), status)
}

/** The path of a list, and the parameters that the list and its export take. */
type ListRoute = {
  readonly path: string
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly exported: ReadonlyMap<string, Parameter>
}

const BATTERY_LIST: ListRoute = {
  path: '/',
  parameters: parametersOf(BatteryQuery),
  exported: parametersOf(BatteryExportQuery),
}
const PRODUCT_LIST: ListRoute = {
  path: PRODUCT_LIST_PATH,
  parameters: parametersOf(ProductQuery),
  exported: parametersOf(ProductExportQuery),
}

/** The list that was requested, still without rows. */
function emptyList(c: PageContext, given: Given, { path, parameters, exported }: ListRoute) {
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

/** The faults of a query, by parameter. */
function faultsByParameter(error: { readonly issues: readonly object[] }): Faults {
  const faults = error.issues.flatMap((issue) => faultsOf('query', issue as Issue))
  return new Map(
    faults
      .slice(0, MAX_SHOWN_FAULTS)
      .flatMap((fault) =>
        'parameter' in fault ? [[fault.parameter, readableFault(fault.parameter, fault.detail)]] : [],
      ),
  )
}

async function showBatteries(c: PageContext) {
  const { given, canonical } = readQuery(c.req.queries())
  if (!canonical) return c.redirect(queryAddress('/', given), 303)
  const view = { title: 'Batteries', section: 'batteries' } as const
  const empty = { ...emptyList(c, given, BATTERY_LIST), charted: [] }
  const parsed = BatteryQuery.safeParse(given)
  if (!parsed.success) {
    return answer(
      c,
      { ...view, main: batteryList({ ...empty, faults: faultsByParameter(parsed.error) }) },
      422,
    )
  }
  const { limit, cursor, fields: _fields, include: _include, ...filters } = parsed.data
  const listing = { ...openBatteries(c.env.DB, filters), show: (battery: Battery) => battery }
  // Before the others: where it is refused, or held by the client, those would be read for nothing.
  const read = await readPage(c, listing, { limit, cursor })
  if (read.held) return c.body(null, 304, read.held)
  const [charted, makers] = await Promise.all([
    cursor === undefined
      ? openBatteries(c.env.DB, filters, CHART_FIELDS).list(undefined, CHART_ROWS)
      : { items: [] },
    listMakers(openCatalogue(c.env.DB), 'batteries'),
  ])
  const { items, next, previous, revision } = read.page
  const pages = { ...empty.pages, previous, next }
  const main = batteryList({ ...empty, makers, items, charted: charted.items, pages })
  return answer(c, { ...view, main, revision })
}

async function showProducts(c: PageContext) {
  const { given, canonical } = readQuery(c.req.queries())
  if (!canonical) return c.redirect(queryAddress(PRODUCT_LIST_PATH, given), 303)
  const view = { title: 'Products', section: 'products' } as const
  const empty = emptyList(c, given, PRODUCT_LIST)
  const parsed = ProductQuery.safeParse(given)
  if (!parsed.success) {
    return answer(
      c,
      { ...view, main: productList({ ...empty, faults: faultsByParameter(parsed.error) }) },
      422,
    )
  }
  const { limit, cursor, fields: _fields, include: _include, ...filters } = parsed.data
  const read = await readPage(c, openProducts(c.env.DB, filters), { limit, cursor })
  if (read.held) return c.body(null, 304, read.held)
  const makers = await listMakers(openCatalogue(c.env.DB), 'products')
  const { items, next, previous, revision } = read.page
  const main = productList({ ...empty, makers, items, pages: { ...empty.pages, previous, next } })
  return answer(c, { ...view, main, revision })
}

/** Undefined for text that cannot be an id. */
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
  const notShown = [...missing, ...asked.slice(MAX_COMPARED)]
    .slice(0, MAX_NOT_SHOWN)
    .map((text) => text.slice(0, MAX_NOT_SHOWN_CHARACTERS))
  return answer(c, { title: 'Compare', section: 'compare', main: compare({ batteries, notShown }) })
}

export const page = new Hono<{ Bindings: Env }>()
  .route('/assets', assets)
  .use('/', pageHeaders)
  .use('/view/*', pageHeaders)
  .use(COMPARE_PATH, pageHeaders)
  .use('/', whenReady)
  .use('/view/*', whenReady)
  .use(COMPARE_PATH, whenReady)
  .get('/', showBatteries)
  .get(PRODUCT_LIST_PATH, showProducts)
  .get('/view/batteries/:id', showBattery)
  .get('/view/products/:id', showProduct)
  .get(COMPARE_PATH, showComparison)

/** Shows a problem as HTML. Any other error is left to the application, which logs it. */
page.onError((thrown, c) => {
  const error = lacksTable(thrown) ? notReady() : thrown
  if (!(error instanceof Problem)) throw error
  const path = c.req.path.startsWith(PRODUCT_LIST_PATH) ? PRODUCT_LIST_PATH : '/'
  const listed = c.req.path === path ? readQuery(c.req.queries()).given : {}
  const main = html`<div class="heading">
      <h1>${error.message}</h1>
      <p class="lead">${error.options.detail ?? ''}</p>
    </div>
    <p><a class="button" href="${queryAddress(path, listed, { cursor: undefined })}">To the list</a></p>`
  const document = layout({ title: error.message, section: undefined, main })
  return c.html(document, statusOf(error.code), { ...error.options.headers, 'cache-control': NO_STORE })
})
