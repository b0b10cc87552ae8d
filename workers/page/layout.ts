/** What surrounds every view: document head, navigation, footer. */
import { html } from 'hono/html'
import { scriptAddress, styleAddress } from './assets.ts'
import { COMPARE_PATH, PRODUCT_LIST_PATH } from './view-address.ts'

/** Markup in which every value has been escaped. */
export type Html = ReturnType<typeof html>

export type View = {
  /** Precedes the site's name in the window's title. */
  readonly title: string
  readonly section: 'batteries' | 'products' | 'compare' | 'docs' | undefined
  readonly main: Html
  /** The catalogue's revision, where the view shows rows. */
  readonly revision?: number
}

const SECTIONS = [
  { section: 'batteries', href: '/', label: 'Batteries' },
  { section: 'products', href: PRODUCT_LIST_PATH, label: 'Products' },
  { section: 'compare', href: COMPARE_PATH, label: 'Compare' },
  { section: 'docs', href: '/docs', label: 'API' },
] as const

const logo = html`<svg class="logo" viewBox="0 0 24 24" aria-hidden="true">
  <path
    d="M12 1.5C8.2 6.6 4.7 10.6 4.7 15a7.3 7.3 0 0 0 14.6 0c0-4.4-3.5-8.4-7.3-13.5z"
    fill="currentColor"
  />
  <path class="logo-bolt" d="M13.2 8.6 8.6 15.4h3l-.9 5 4.7-7h-3.1z" />
</svg>`

function navigation(section: View['section']): Html {
  return html`<nav aria-label="Main">
    <ul>
      ${SECTIONS.map(
        (entry) =>
          html`<li>
            <a href="${entry.href}" ${entry.section === section ? html`aria-current="page"` : ''}
              >${entry.label}${entry.section === 'compare' ? html`<span data-compare-count></span>` : ''}</a
            >
          </li>`,
      )}
    </ul>
  </nav>`
}

/** The whole document. */
export function layout({ title, section, main, revision }: View): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Voltdrop</title>
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${styleAddress}" />
        <script src="${scriptAddress}" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <div class="frame-width">
            <a class="brand" href="/">${logo}<span>Voltdrop</span></a>
            ${navigation(section)}
          </div>
        </header>
        <main id="main" class="frame-width" tabindex="-1">${main}</main>
        <footer class="frame-width">
          <p>
            Values are those of the source named with each entry; a dash means that it states none. Check the
            maker’s data sheet before you design, ship or buy by them.
          </p>
          <p>
            ${revision === undefined ? '' : html`Catalogue revision ${revision} · `}<a href="/docs">API</a> ·
            <a href="/openapi.json">OpenAPI</a>
          </p>
        </footer>
      </body>
    </html>`
}
