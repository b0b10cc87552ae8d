/** `/assets`: the page's style sheet, script and icon. It loads nothing from other sites. */
import { Hono } from 'hono'
import { crc32, formatCrc32 } from '../../protocol/crc32.ts'
import type { Env } from '../env.ts'
import { IMMUTABLE, publicFor, REVALIDATE } from '../http/cache-control.ts'
import { SAME_ORIGIN_ONLY } from '../http/response-headers.ts'
import { palettes } from './palette.ts'
import { script } from './page-script.ts'
import { style } from './page-style.ts'

/** Changes with the content, so that a browser may cache a version indefinitely. */
function versionOf(content: string): string {
  return formatCrc32(crc32(new TextEncoder().encode(content), 0))
}

const styleVersion = versionOf(style)
const scriptVersion = versionOf(script)

export const styleAddress = `/assets/page.css?v=${styleVersion}`
export const scriptAddress = `/assets/page.js?v=${scriptVersion}`

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M12 1.5C8.2 6.6 4.7 10.6 4.7 15a7.3 7.3 0 0 0 14.6 0c0-4.4-3.5-8.4-7.3-13.5z" fill="${palettes.light.accent}"/><path d="M13.2 8.6 8.6 15.4h3l-.9 5 4.7-7h-3.1z" fill="#fff"/></svg>`

/** An address with the current version may be cached for good; any other is revalidated. */
function cacheControl(asked: string | undefined, version: string): string {
  return asked === version ? IMMUTABLE : REVALIDATE
}

export const assets = new Hono<{ Bindings: Env }>()
  .get('/page.css', (c) =>
    c.body(style, 200, {
      ...SAME_ORIGIN_ONLY,
      'content-type': 'text/css; charset=utf-8',
      'cache-control': cacheControl(c.req.query('v'), styleVersion),
    }),
  )
  .get('/page.js', (c) =>
    c.body(script, 200, {
      ...SAME_ORIGIN_ONLY,
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': cacheControl(c.req.query('v'), scriptVersion),
    }),
  )
  .get('/icon.svg', (c) =>
    c.body(icon, 200, {
      ...SAME_ORIGIN_ONLY,
      'content-type': 'image/svg+xml',
      'cache-control': publicFor(86_400),
    }),
  )
