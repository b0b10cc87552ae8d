/** `GET /openapi.json`, and `GET /docs` for people to read. */
import { publicFor } from '../http/cache-control.ts'
import { contentSecurityPolicy, SAME_ORIGIN_ONLY } from '../http/response-headers.ts'
import type { ApiDescription } from './openapi-document.ts'
import { describeApi, type App } from './openapi.ts'
import { referencePage } from './reference-page.ts'
import { referenceStyle } from './reference-style.ts'

const CACHED = { 'cache-control': publicFor(300) }

const PAGE_HEADERS = {
  ...CACHED,
  ...SAME_ORIGIN_ONLY,
  'content-security-policy': contentSecurityPolicy(
    "style-src 'self'",
    "img-src 'self'",
    "script-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ),
}

/** Adds the routes. Both documents are made when they are first requested, and then kept. */
export function addReference(app: App): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  let description: ApiDescription | undefined
  let page: string | undefined
  function described() {
    return (description ??= describeApi(app))
  }
  app.get('/openapi.json', (c) => c.json(described(), 200, CACHED))
  app.get('/docs', async (c) =>
    c.html((page ??= String(await referencePage(described()))), 200, PAGE_HEADERS),
  )
  app.get('/docs/docs.css', (c) =>
    c.body(referenceStyle, 200, { ...CACHED, 'content-type': 'text/css; charset=utf-8' }),
  )
}
