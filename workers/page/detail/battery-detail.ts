/** One battery: the main figures, then everything that is known, with its source. */
import { html } from 'hono/html'
import type { Battery, BatteryWithProduct } from '../../../protocol/catalogue/shapes.ts'
import { compareAddress, productAddress } from '../view-address.ts'
import { batteryFacts, factText, isMissing, type Fact, type FactGroup } from './battery-facts.ts'
import type { Html } from '../layout.ts'
import { markIcon, markName, markOf } from '../chart/chemistry-marks.ts'
import { readable, symbolOf } from '../measures.ts'
import { externalLink } from '../external-link.ts'
import { sourceCard } from './source-card.ts'
import { notKnown } from '../not-known.ts'
import { shippingCard } from './shipping-card.ts'
import { longestSideMm, sizeDrawing } from './size-drawing.ts'

const headline: readonly { readonly field: keyof Battery; readonly label: string }[] = [
  { field: 'nominal_capacity_mah', label: 'Capacity' },
  { field: 'nominal_voltage_mv', label: 'Voltage' },
  { field: 'energy_mwh', label: 'Energy' },
  { field: 'specific_energy_mwh_per_kg', label: 'Specific energy' },
]

function figures(battery: Battery): Html {
  return html`<dl class="figures">
    ${headline.map(({ field, label }) => {
      const value = battery[field]
      return html`<div>
        <dt>${label}</dt>
        <dd>
          ${typeof value === 'number' ? html`${readable(field, value)} <span class="unit">${symbolOf(field)}</span>` : notKnown()}
        </dd>
      </div>`
    })}
  </dl>`
}

function factRow(battery: Battery, fact: Fact): Html | string {
  const text = factText(battery, fact)
  if (text === undefined) return ''
  const condition = fact.condition === undefined ? null : battery[fact.condition]
  return html`<div>
    <dt>${fact.label}</dt>
    <dd>
      <bdi>${text}</bdi>${condition === null ? '' : html`<span class="under"><bdi>${condition}</bdi></span>`}
    </dd>
  </div>`
}

function group(battery: Battery, { title, facts }: FactGroup): Html | string {
  const rows = facts.map((fact) => factRow(battery, fact)).filter((entry) => entry !== '')
  if (rows.length === 0) return ''
  const id = `facts-${title.toLowerCase().replace(/[^a-z]+/g, '-')}`
  return html`<section class="card facts" aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    <dl>${rows}</dl>
  </section>`
}

/** The facts that the source does not state, listed in one card. */
function missing(battery: Battery): Html | string {
  const groups = batteryFacts.flatMap(({ title, facts }) => {
    const labels = facts.filter((fact) => isMissing(battery, fact)).map(({ label }) => label)
    return labels.length === 0 ? [] : [{ title, labels }]
  })
  if (groups.length === 0) return ''
  return html`<section class="card missing" aria-labelledby="missing-heading">
    <h2 id="missing-heading">Not stated</h2>
    <dl>
      ${groups.map(
        ({ title, labels }) =>
          html`<div>
            <dt>${title}</dt>
            <dd>${labels.join(', ')}</dd>
          </div>`,
      )}
    </dl>
  </section>`
}

function product({ product: sold }: BatteryWithProduct): Html {
  return html`<section class="card" aria-labelledby="product-heading">
    <h2 id="product-heading">Sold as</h2>
    <p>
      <a href="${productAddress(sold.id)}"><bdi>${sold.name}</bdi></a>
    </p>
    <p class="muted">
      <bdi>${sold.manufacturer}</bdi>, number <bdi>${sold.sku}</bdi>
      ${sold.datasheet_url === null ? '' : html`<br />${externalLink(sold.datasheet_url, 'Data sheet')}`}
    </p>
  </section>`
}

/** The view at `/view/batteries/:id`. */
export function batteryDetail(battery: BatteryWithProduct): Html {
  const kind = markOf(battery)
  const tags = [battery.format, battery.size_code, battery.kind].filter((tag) => tag !== null)
  return html`<p class="trail"><a href="/">Batteries</a></p>
    <div class="card hero">
      <div>
        <p class="over"><bdi>${battery.manufacturer}</bdi></p>
        <h1><bdi>${battery.model}</bdi></h1>
        <p class="tags">
          <span>${markIcon(kind)}${kind === 'unknown' ? 'chemistry not stated' : markName(kind)}</span>
          ${tags.map((tag) => html`<span><bdi>${tag}</bdi></span>`)}
        </p>
        ${figures(battery)}
        <p class="actions">
          <a
            class="button primary"
            href="${compareAddress([battery.id])}"
            data-compare-add="${battery.id}"
            data-compare-name="${battery.manufacturer} ${battery.model}"
            >Compare</a
          >
          <a class="quiet" href="/batteries/${battery.id}">As JSON</a>
        </p>
      </div>
      <div class="drawn">${sizeDrawing(battery, longestSideMm([battery]))}</div>
    </div>
    <div class="cards">
      ${batteryFacts.map((entry) => group(battery, entry))} ${shippingCard(battery)} ${product(battery)}
      ${sourceCard(battery)} ${missing(battery)}
    </div>`
}
