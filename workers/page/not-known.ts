/** What is shown for a value that is not known: a dash to the eye, words to a screen reader. */
import { html } from 'hono/html'
import type { Html } from './layout.ts'

export function notKnown(): Html {
  return html`<span class="none"
    ><span aria-hidden="true">–</span><span class="hidden">not known</span></span
  >`
}
