/** Small pieces that several views show. */
import { html } from 'hono/html'
import type { ProvenanceColumn } from '../../protocol/catalogue/columns.ts'
import type { Product } from '../../protocol/catalogue/shapes.ts'
import type { verifications } from '../../protocol/catalogue/vocabulary.ts'
import type { Html } from './layout.ts'

/** A dash to the eye, words to a screen reader. */
export function unknown(): Html {
  return html`<span class="none"
    ><span aria-hidden="true">–</span><span class="hidden">not known</span></span
  >`
}

/** A link to elsewhere. Only https is followed, whatever the catalogue holds. */
export function outside(url: string, text: string): Html {
  if (!url.startsWith('https://')) return html`<bdi>${text}</bdi>`
  return html`<a href="${url}" rel="external noopener noreferrer"><bdi>${text}</bdi></a>`
}

const verificationWords: Readonly<Record<(typeof verifications)[number], string>> = {
  datasheet: 'Checked against the maker’s data sheet',
  secondary: 'Taken from a compilation that names its source',
  unverified: 'Not checked',
}

/** Where the facts of an entry come from, and how far they have been checked. */
export function source(entry: Pick<Product, ProvenanceColumn>): Html {
  return html`<section class="card" aria-labelledby="source-heading">
    <h2 id="source-heading">Source</h2>
    <p>${outside(entry.source_url, entry.source_title ?? entry.source_url)}</p>
    <p class="muted">
      ${verificationWords[entry.verification]}${entry.source_retrieved_on === null ? '' : `, read on ${entry.source_retrieved_on}`}${entry.source_licence === null ? '' : html`. Licence: <bdi>${entry.source_licence}</bdi>`}.
    </p>
  </section>`
}
