/** How to take a list along: as a file from here, or handed to another machine by the command that sends it. */
import { html } from 'hono/html'
import { filterOptions } from '../../../protocol/catalogue/filters.ts'
import { exportFormats, type ExportFormat, type Resource } from '../../../protocol/catalogue/vocabulary.ts'
import { address, type Given } from '../address.ts'
import type { Html } from '../layout.ts'

type Wanted = {
  readonly resource: Resource
  /** Only what the export takes: filters. */
  readonly filters: Given
  /** Where this edge is reached. */
  readonly origin: string
}

/** One word of a POSIX shell: what is not plain stands in single quotes, where nothing is expanded. */
export function shellWord(text: string): string {
  if (/^[\w.,:/@%+=-]+$/.test(text)) return text
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** An option and its value; joined by = where the value could be taken for an option itself. */
function option(name: string, value: string): string {
  return value.startsWith('-') ? shellWord(`${name}=${value}`) : `${name} ${shellWord(value)}`
}

function findOption(filter: string): string | undefined {
  return Object.entries(filterOptions).find(([name]) => name === filter)?.[1]
}

/** The command that fetches this list and hands it to another machine. */
export function sendCommand({ resource, filters, origin }: Wanted): string {
  const words = Object.entries(filters).flatMap(([name, given]) =>
    [given].flat().map((value) => {
      const known = resource === 'batteries' ? findOption(name) : undefined
      return known === undefined ? option('--filter', `${name}=${value}`) : option(`--${known}`, value)
    }),
  )
  return ['voltdrop send', `--${resource}`, ...words, option('--edge', origin)].join(' ')
}

const formatNames: Readonly<Record<ExportFormat, string>> = { csv: 'CSV', ndjson: 'NDJSON', json: 'JSON' }

/** Downloads and the command, for the rows that the list holds on all its pages. */
export function download(wanted: Wanted): Html {
  const path = `/${wanted.resource}/export`
  const command = sendCommand(wanted)
  return html`<section class="card download" aria-labelledby="download-heading">
    <h2 id="download-heading">Take this list along</h2>
    <p class="muted">Every row of this filter, in exact integers, the same bytes each time.</p>
    <ul class="buttons">
      ${exportFormats.map(
        (format) =>
          html`<li>
            <a class="button" href="${address(path, wanted.filters, { as: format })}" download
              >${formatNames[format]}</a
            >
          </li>`,
      )}
    </ul>
    <h3 id="send-heading">Hand it to another machine</h3>
    <p class="muted">Sends the same rows over a sealed channel; the other side proves that they arrived.</p>
    <div class="command">
      <pre tabindex="0" aria-labelledby="send-heading"><code data-copy-source>${command}</code></pre>
      <button type="button" data-copy hidden>Copy</button>
      <span class="hidden" role="status" data-copy-status></span>
    </div>
  </section>`
}
