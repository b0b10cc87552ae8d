/** Where the facts of an entry come from, and how far they have been checked. */
import { html } from 'hono/html'
import type { ProvenanceColumn } from '../../../protocol/catalogue/columns.ts'
import type { Product } from '../../../protocol/catalogue/shapes.ts'
import type { verifications } from '../../../protocol/catalogue/vocabulary.ts'
import { externalLink } from '../external-link.ts'
import type { Html } from '../layout.ts'

const VERIFICATION_TEXTS: Readonly<Record<(typeof verifications)[number], string>> = {
  datasheet: 'Checked against the maker’s data sheet',
  secondary: 'Taken from a compilation that names its source',
  unverified: 'Not checked',
}

export function sourceCard(entry: Pick<Product, ProvenanceColumn>): Html {
  return html`<section class="card" aria-labelledby="source-heading">
    <h2 id="source-heading">Source</h2>
    <p>${externalLink(entry.source_url, entry.source_title ?? entry.source_url)}</p>
    <p class="muted">
      ${VERIFICATION_TEXTS[entry.verification]}${entry.source_retrieved_on === null ? '' : `, read on ${entry.source_retrieved_on}`}${entry.source_licence === null ? '' : html`. Licence: <bdi>${entry.source_licence}</bdi>`}.
    </p>
  </section>`
}
