/** Where the facts of an entry come from, and how far they have been checked. */
import { html } from 'hono/html'
import { externalLink } from '../external-link.ts'
import type { Html } from '../layout.ts'

const VERIFICATION_TEXTS = {
  datasheet: 'Checked against the maker’s data sheet',
  secondary: 'Taken from a compilation that names its source',
  unverified: 'Not checked',
} as const

type Provenance = {
  readonly source_url: string
  readonly source_title: string | null
  readonly source_licence: string | null
  readonly source_retrieved_on: string | null
  readonly verification: keyof typeof VERIFICATION_TEXTS
}

export function sourceCard(entry: Provenance): Html {
  return html`<section class="card" aria-labelledby="source-heading">
    <h2 id="source-heading">Source</h2>
    <p>${externalLink(entry.source_url, entry.source_title ?? entry.source_url)}</p>
    <p class="muted">
      ${VERIFICATION_TEXTS[entry.verification]}${entry.source_retrieved_on === null ? '' : `, read on ${entry.source_retrieved_on}`}${entry.source_licence === null ? '' : html`. Licence: <bdi>${entry.source_licence}</bdi>`}.
    </p>
  </section>`
}
