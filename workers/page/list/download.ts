/** How to get a list as a file: by download, or by the command that sends it to another machine. */
import { html } from 'hono/html'
import { filterOptions } from '../../../protocol/catalogue/filters.ts'
import { exportFormats, type ExportFormat, type Resource } from '../../../protocol/catalogue/vocabulary.ts'
import { queryAddress, type Given } from '../view-query.ts'
import type { Html } from '../layout.ts'
import { shellWord } from '../../../protocol/shell-word.ts'

type Wanted = {
  readonly resource: Resource
  /** Only parameters that the export takes. */
  readonly filters: Given
  /** The origin of this edge. */
  readonly origin: string
}

/** An option and its value, joined by = when the value itself looks like an option. */
function option(name: string, value: string): string {
  return value.startsWith('-') ? shellWord(`${name}=${value}`) : `${name} ${shellWord(value)}`
}

function findOption(filter: string): string | undefined {
  return Object.entries(filterOptions).find(([name]) => name === filter)?.[1]
}

/** The command that sends this list to another machine. */
export function sendCommand({ resource, filters, origin }: Wanted): string {
  const words = Object.entries(filters).flatMap(([name, given]) =>
    [given].flat().map((value) => {
      const known = resource === 'batteries' ? findOption(name) : undefined
      return known === undefined ? option('--filter', `${name}=${value}`) : option(`--${known}`, value)
    }),
  )
  return ['voltdrop send', `--${resource}`, ...words, option('--edge', origin)].join(' ')
}

const FORMAT_NAMES: Readonly<Record<ExportFormat, string>> = { csv: 'CSV', ndjson: 'NDJSON', json: 'JSON' }

/** Downloads and the command, for all pages of the list. */
export function download(wanted: Wanted): Html {
  const path = `/${wanted.resource}/export`
  const command = sendCommand(wanted)
  return html`<section class="card download" aria-labelledby="download-heading">
    <h2 id="download-heading">Download this list</h2>
    <p class="muted">All rows of this filter, as exact integers, with the same bytes each time.</p>
    <ul class="buttons">
      ${exportFormats.map(
        (format) =>
          html`<li>
            <a class="button" href="${queryAddress(path, wanted.filters, { as: format })}" download
              >${FORMAT_NAMES[format]}</a
            >
          </li>`,
      )}
    </ul>
    <h3 id="send-heading">Send it to another machine</h3>
    <p class="muted">Sends the same rows over a sealed channel; the other side proves that they arrived.</p>
    <div class="command">
      <pre tabindex="0" aria-labelledby="send-heading"><code data-copy-source>${command}</code></pre>
      <button type="button" data-copy hidden>Copy</button>
      <span class="hidden" role="status" data-copy-status></span>
    </div>
  </section>`
}
