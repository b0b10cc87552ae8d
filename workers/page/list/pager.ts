/** Links to the previous and the next page of a list. */
import { html } from 'hono/html'
import { queryAddress, type Given } from '../view-query.ts'
import type { Html } from '../layout.ts'

export type Pages = {
  readonly path: string
  readonly given: Given
  /** Cursors of the pages before and after; null where there is none. */
  readonly previous: string | null
  readonly next: string | null
}

function step(label: string, rel: string, href: string | undefined): Html {
  return href === undefined
    ? html`<span class="step off" aria-hidden="true">${label}</span>`
    : html`<a class="step" rel="${rel}" href="${href}">${label}</a>`
}

/** Empty when the list has one page. */
export function pager({ path, given, previous, next }: Pages): Html | string {
  if (previous === null && next === null) return ''
  function at(cursor: string | null) {
    return cursor === null ? undefined : queryAddress(path, given, { cursor })
  }
  return html`<nav class="pager" aria-label="Pages">
    ${step('← Previous', 'prev', at(previous))} ${step('Next →', 'next', at(next))}
  </nav>`
}
