/**
 * Specific energy against capacity, by chemistry, drawn on the server. Positions are in percent of the plot, so that it takes any
 * width while its text keeps its size.
 */
import { html } from 'hono/html'
import type { Battery } from '../../../protocol/catalogue/shapes.ts'
import { batteryAddress } from '../view-address.ts'
import { linearAxis, logarithmicAxis, type Axis } from './axes.ts'
import type { Html } from '../layout.ts'
import { markDefinitions, markIcon, markName, markOf } from './chemistry-marks.ts'
import { readable, readableNumber } from '../measures.ts'
import { markKinds, type MarkKind } from '../palette.ts'

/** Rows read for the chart: more points would only cover each other. */
export const CHART_ROWS = 500

/** The fields of a row that the chart needs. */
export const CHART_FIELDS = [
  'id',
  'manufacturer',
  'model',
  'chemistry',
  'nominal_capacity_mah',
  'specific_energy_mwh_per_kg',
] as const satisfies readonly (keyof Battery)[]

type Charted = Pick<Battery, (typeof CHART_FIELDS)[number]>

type Point = {
  readonly battery: Charted
  readonly kind: MarkKind
  readonly capacityAh: number
  readonly specificEnergy: number
}

function pointsOf(batteries: readonly Charted[]): Point[] {
  return batteries.flatMap((battery) => {
    const { nominal_capacity_mah: capacity, specific_energy_mwh_per_kg: energy } = battery
    if (capacity === null || energy === null) return []
    return [{ battery, kind: markOf(battery), capacityAh: capacity / 1000, specificEnergy: energy / 1000 }]
  })
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`
}

/** The tooltip of a point. */
function pointName({ battery, kind, capacityAh, specificEnergy }: Point): string {
  return `${battery.manufacturer} ${battery.model}: ${readableNumber(capacityAh, 3)} Ah, ${readableNumber(specificEnergy, 1)} Wh/kg, ${markName(kind)}`
}

function drawing(points: readonly Point[], x: Axis, y: Axis): Html {
  return html`<svg class="plot" role="img" aria-labelledby="chart-title chart-description">
    <title id="chart-title">Specific energy against capacity, by chemistry</title>
    <desc id="chart-description">
      ${points.length} cells and packs. The table below the chart sums them up by chemistry.
    </desc>
    ${markDefinitions()}
    <g class="grid">
      ${y.ticks.map(({ at }) => html`<line x1="0" x2="100%" y1="${percent(1 - at)}" y2="${percent(1 - at)}" />`)}
      ${x.ticks.map(
        ({ at, major }) =>
          html`<line
            class="${major ? '' : 'minor'}"
            x1="${percent(at)}"
            x2="${percent(at)}"
            y1="0"
            y2="100%"
          />`,
      )}
    </g>
    <g class="labels">
      ${y.ticks.map(
        ({ at, value }) =>
          html`<text x="-10" y="${percent(1 - at)}" dy=".35em" text-anchor="end"
            >${readableNumber(value, 3)}</text
          >`,
      )}
      ${x.ticks.map(
        ({ at, value, major }) =>
          html`<text
            class="${major ? '' : 'minor'}"
            x="${percent(at)}"
            y="100%"
            dy="1.7em"
            text-anchor="middle"
            >${readableNumber(value, 3)}</text
          >`,
      )}
    </g>
    <g class="points">
      ${points.map(
        (point) =>
          html`<a class="mark-${point.kind}" href="${batteryAddress(point.battery.id)}" tabindex="-1"
            ><title>${pointName(point)}</title
            ><use
              href="#shape-${point.kind}"
              x="${percent(x.place(point.capacityAh))}"
              y="${percent(1 - y.place(point.specificEnergy))}"
          /></a>`,
      )}
    </g>
  </svg>`
}

/** Least and greatest value of a field, in its readable unit. */
function span(
  field: 'nominal_capacity_mah' | 'specific_energy_mwh_per_kg',
  points: readonly Point[],
): string {
  const values = points.map(({ battery }) => battery[field] ?? 0)
  const ends = [Math.min(...values), Math.max(...values)].map((value) => readable(field, value))
  return ends[0] === ends[1] ? String(ends[0]) : `${ends[0]} to ${ends[1]}`
}

type Series = { readonly kind: MarkKind; readonly points: readonly Point[] }

function seriesOf(points: readonly Point[]): Series[] {
  return markKinds
    .map((kind) => ({ kind, points: points.filter((point) => point.kind === kind) }))
    .filter((series) => series.points.length > 0)
}

function legend(series: readonly Series[]): Html {
  return html`<ul class="legend" aria-label="Chemistries">
    ${series.map(
      ({ kind, points }) =>
        html`<li>${markIcon(kind)}${markName(kind)} <span class="count">${points.length}</span></li>`,
    )}
  </ul>`
}

function summary(series: readonly Series[]): Html {
  return html`<details class="chart-table">
    <summary>The chart as a table</summary>
    <div class="scroll" role="region" aria-label="The chart as a table" tabindex="0">
      <table>
        <caption class="hidden">
          Capacity and specific energy by chemistry
        </caption>
        <thead>
          <tr>
            <th scope="col">Chemistry</th>
            <th scope="col" class="number">Cells</th>
            <th scope="col" class="number">Capacity <span class="unit">mAh</span></th>
            <th scope="col" class="number">Specific energy <span class="unit">Wh/kg</span></th>
          </tr>
        </thead>
        <tbody>
          ${series.map(
            ({ kind, points }) =>
              html`<tr>
                <th scope="row">${markIcon(kind)}${markName(kind)}</th>
                <td class="number">${points.length}</td>
                <td class="number">${span('nominal_capacity_mah', points)}</td>
                <td class="number">${span('specific_energy_mwh_per_kg', points)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`
}

/** How many rows of the list the chart shows. */
function coverage(points: number, rows: number): string {
  const stated = `${points} of ${rows === CHART_ROWS ? `the first ${CHART_ROWS}` : rows}`
  return `${stated} rows state capacity, voltage and mass.`
}

/** The chart of these rows: the first CHART_ROWS of the list. */
export function chart(batteries: readonly Charted[]): Html {
  const points = pointsOf(batteries)
  const capacities = points.map(({ capacityAh }) => capacityAh)
  const title = html`<h2 id="chart-heading">Capacity and specific energy</h2>`
  if (points.length === 0) {
    return html`<section class="card chart" aria-labelledby="chart-heading">
      ${title}
      <p class="muted">Nothing to draw: no row of this list states capacity, voltage and mass.</p>
    </section>`
  }
  const x = logarithmicAxis(Math.min(...capacities), Math.max(...capacities))
  const y = linearAxis(Math.max(...points.map(({ specificEnergy }) => specificEnergy)))
  const series = seriesOf(points)
  return html`<section class="card chart" aria-labelledby="chart-heading">
    ${title}
    <p class="muted">${coverage(points.length, batteries.length)}</p>
    <p class="axis-title" aria-hidden="true">Specific energy, Wh/kg</p>
    <div class="frame">${drawing(points, x, y)}</div>
    <p class="axis-title end" aria-hidden="true">Capacity, Ah (logarithmic)</p>
    ${legend(series)} ${summary(series)}
  </section>`
}
