/** Links to other sites. */
import { html } from 'hono/html'
import type { Html } from './layout.ts'

/** A link if `url` is https, whatever the catalogue holds; otherwise only its text. */
export function externalLink(url: string, text: string): Html {
  if (!url.startsWith('https://')) return html`<bdi>${text}</bdi>`
  return html`<a href="${url}" rel="external noopener noreferrer"><bdi>${text}</bdi></a>`
}
