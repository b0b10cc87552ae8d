/** The HTTP application: the middleware of every request, the routes, and the response to anything that is thrown. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { cors } from 'hono/cors'
import { HTTPException } from 'hono/http-exception'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { REVISION_HEADER } from '../protocol/catalogue/vocabulary.ts'
import { lacksTable } from './catalogue/queries/readiness-queries.ts'
import { batteryRoutes } from './catalogue/routes/battery-routes.ts'
import { notReady, whenReady } from './catalogue/routes/when-ready.ts'
import type { Env } from './env.ts'
import { defaultHeaders } from './http/response-headers.ts'
import { health } from './health-route.ts'
import { addReference } from './reference/reference-routes.ts'
import { page } from './page/page-routes.ts'
import { Problem, problemResponse } from './http/problem.ts'
import { productRoutes } from './catalogue/routes/product-routes.ts'
import { rooms } from './room-routes.ts'
import { answerInvalid } from './http/validation.ts'
import { writesOf } from './catalogue/writes/write-routes.ts'

/** Longer than any address that the edge makes (a cursor with every filter), shorter than where logs and proxies cut. */
const MAX_URL_CHARACTERS = 8_192

export const app = new OpenAPIHono<{ Bindings: Env }>({ defaultHook: answerInvalid })

app.use(defaultHeaders)
app.use(async (c, next) => {
  if (c.req.url.length > MAX_URL_CHARACTERS)
    throw new Problem('uri_too_long', { detail: `at most ${MAX_URL_CHARACTERS} characters` })
  await next()
})
app.use(
  methodNotAllowed({
    app,
    onMethodNotAllowed: (_, methods) =>
      problemResponse('method_not_allowed', { headers: { allow: methods.join(', ') } }),
  }),
)

// Pages of any origin may read the catalogue. The room routes check origins themselves.
const publicReads = cors({
  origin: '*',
  allowMethods: ['GET', 'HEAD'],
  exposeHeaders: ['etag', 'link', 'retry-after', REVISION_HEADER],
  maxAge: 86_400,
})
const READ_METHODS = ['GET', 'HEAD', 'OPTIONS']
for (const path of ['/products/*', '/batteries/*', '/openapi.json']) {
  app.use(path, (c, next) => (READ_METHODS.includes(c.req.method) ? publicReads(c, next) : next()))
}

for (const path of ['/health', '/products/*', '/batteries/*']) app.use(path, whenReady)
app.route('/health', health)
app.route('/products', productRoutes)
app.route('/batteries', batteryRoutes)
app.route('/products', writesOf('products'))
app.route('/batteries', writesOf('batteries'))
app.route('/rooms', rooms)
app.route('/', page)

addReference(app)

app.notFound(() => problemResponse('not_found'))

app.onError((error, c) => {
  if (error instanceof Problem) return problemResponse(error.code, error.options)
  if (lacksTable(error)) return problemResponse('unavailable', notReady().options)
  if (error instanceof HTTPException && error.status < 500)
    return problemResponse('bad_request', { detail: error.message })
  const instance = `urn:uuid:${crypto.randomUUID()}`
  // The only place where the edge logs an error: the client gets the id, the log has the cause.
  // oxlint-disable-next-line no-console
  console.error(JSON.stringify({ instance, route: c.req.routePath, error: error.stack ?? String(error) }))
  return problemResponse('internal', { instance })
})
