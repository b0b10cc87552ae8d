/** Batteries side by side. */
import { html } from 'hono/html'
import type { Battery } from '../../../protocol/catalogue/shapes.ts'
import { batteryAddress, compareAddress, MAX_COMPARED } from '../view-address.ts'
import { batteryFacts, factText, type Fact } from './battery-facts.ts'
import type { Html } from '../layout.ts'
import { markIcon, markOf } from '../chart/chemistry-marks.ts'
import { notKnown } from '../not-known.ts'
import { longestSideMm, sizeDrawing } from './size-drawing.ts'

export type Comparison = {
  readonly batteries: readonly Battery[]
  /** What was requested and is not shown: not in the catalogue, not a number, or one too many. */
  readonly notShown: readonly string[]
}

function column(battery: Battery, all: readonly Battery[]): Html {
  const others = all.map(({ id }) => id).filter((id) => id !== battery.id)
  return html`<th scope="col">
    <div class="drawn">${sizeDrawing(battery, longestSideMm(all))}</div>
    <a href="${batteryAddress(battery.id)}"><bdi>${battery.model}</bdi></a>
    <span class="under"><bdi>${battery.manufacturer}</bdi></span>
    <a
      class="remove"
      href="${compareAddress(others)}"
      data-compare-remove="${battery.id}"
      data-compare-name="${battery.manufacturer} ${battery.model}"
      >Remove<span class="hidden"> ${battery.manufacturer} ${battery.model}</span></a
    >
  </th>`
}

/** One fact of all batteries; empty when it is known of none of them. Rows with equal values are muted. */
function row(fact: Fact, batteries: readonly Battery[]): Html | string {
  const texts = batteries.map((battery) => factText(battery, fact))
  const known = texts.filter((text) => text !== undefined)
  if (known.length === 0) return ''
  const same = known.length === batteries.length && new Set(known).size === 1
  return html`<tr class="${same ? 'same' : ''}">
    <th scope="row">${fact.label}</th>
    ${batteries.map((battery, i) => {
      const text = texts[i]
      const icon = fact.fields[0] === 'chemistry' ? markIcon(markOf(battery)) : ''
      return html`<td>${text === undefined ? notKnown() : html`${icon}<bdi>${text}</bdi>`}</td>`
    })}
  </tr>`
}

function table(batteries: readonly Battery[]): Html {
  return html`<div class="card scroll" role="region" aria-label="Comparison" tabindex="0">
    <table class="compare">
      <caption class="hidden">
        ${batteries.length} cells and packs side by side
      </caption>
      <thead>
        <tr>
          <td class="corner muted">Outlines to one scale, mm</td>
          ${batteries.map((battery) => column(battery, batteries))}
        </tr>
      </thead>
      ${batteryFacts.map(({ title, facts }) => {
        const rows = facts.map((fact) => row(fact, batteries)).filter((entry) => entry !== '')
        if (rows.length === 0) return ''
        return html`<tbody>
          <tr class="group">
            <th scope="rowgroup" colspan="${batteries.length + 1}">${title}</th>
          </tr>
          ${rows}
        </tbody>`
      })}
    </table>
  </div>`
}

/** The view at `/compare`. */
export function compare({ batteries, notShown }: Comparison): Html {
  const notice =
    notShown.length === 0
      ? ''
      : html`<p class="notice" role="status">
          Not shown: <bdi>${notShown.join(', ')}</bdi>. Up to ${MAX_COMPARED} numbers of the catalogue can be
          compared.
        </p>`
  if (batteries.length === 0) {
    return html`<h1>Compare</h1>
      ${notice}
      <div class="card empty">
        <p><strong>Nothing to compare yet.</strong></p>
        <p class="muted">
          Mark up to ${MAX_COMPARED} in the <a href="/">list of batteries</a>, then choose Compare.
        </p>
      </div>`
  }
  return html`<div class="heading">
      <h1>Compare</h1>
      <p class="lead">Rows with equal values are muted; what none of them states is left out.</p>
    </div>
    ${notice} ${table(batteries)}
    <p><a href="/" data-compare-more>Choose others from the list</a></p>`
}
