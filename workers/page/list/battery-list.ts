/** The list of batteries: filters, chart, table, pages, downloads. */
import { html } from 'hono/html'
import type { BatteryFilterName } from '../../../protocol/catalogue/filters.ts'
import type { Battery } from '../../../protocol/catalogue/shapes.ts'
import { batteryAddress, COMPARE_PATH, MAX_COMPARED } from '../view-address.ts'
import { chart } from '../chart/chart.ts'
import { download } from './download.ts'
import { chips } from './filter-form.ts'
import type { Html } from '../layout.ts'
import { columnHead, formOf, listFrame, noMatch, type ListView, type TableColumn } from './list-view.ts'
import { markIcon, markName, markOf } from '../chart/chemistry-marks.ts'
import { atGlance } from '../measures.ts'
import { pager } from './pager.ts'
import { notKnown } from '../not-known.ts'

/** The columns of text, then those of numbers. */
const TEXT_COLUMNS: readonly TableColumn[] = [
  { field: 'model', label: 'Cell or pack', wide: false },
  { field: 'chemistry', wide: true },
  { field: 'format', wide: true },
]
const NUMBER_COLUMNS: readonly (TableColumn & { readonly field: keyof Battery })[] = [
  { field: 'nominal_capacity_mah', label: 'Capacity', wide: false, number: true },
  { field: 'nominal_voltage_mv', label: 'Voltage', wide: true, number: true },
  { field: 'energy_mwh', wide: true, number: true },
  { field: 'specific_energy_mwh_per_kg', wide: false, number: true },
  { field: 'maximum_continuous_discharging_current_ma', label: 'Discharge', wide: true, number: true },
  { field: 'mass_mg', wide: true, number: true },
]
const PRIMARY_FILTERS = [
  'chemistry',
  'format',
  'manufacturer',
  'min_nominal_capacity_mah',
  'max_nominal_capacity_mah',
] as const satisfies readonly BatteryFilterName[]

export type BatteryList = ListView<Battery> & {
  /** The rows of the chart; none after the first page. */
  readonly charted: Parameters<typeof chart>[0]
}

function number(field: keyof Battery, value: Battery[keyof Battery], wide: boolean): Html {
  return html`<td class="number${wide ? ' wide' : ''}">
    ${typeof value === 'number' ? atGlance(field, value) : notKnown()}
  </td>`
}

function row(battery: Battery): Html {
  const { id, manufacturer, model, format, size_code: size } = battery
  const kind = markOf(battery)
  return html`<tr>
    <td class="pick">
      <input
        type="checkbox"
        name="id"
        value="${id}"
        aria-label="Compare ${manufacturer} ${model}"
        data-compare="${manufacturer} ${model}"
      />
    </td>
    <th scope="row">
      <a href="${batteryAddress(id)}"><bdi>${model}</bdi></a>
      <span class="under"
        ><bdi>${manufacturer}</bdi
        >${kind === 'unknown' ? '' : html` <span class="narrow">${markIcon(kind)}${markName(kind)}</span>`}</span
      >
    </th>
    <td class="wide">${markIcon(kind)}${kind === 'unknown' ? notKnown() : kind}</td>
    <td class="wide">
      ${format ?? notKnown()}${size === null ? '' : html`<span class="under"><bdi>${size}</bdi></span>`}
    </td>
    ${NUMBER_COLUMNS.map(({ field, wide }) => number(field, battery[field], wide))}
  </tr>`
}

function table(list: BatteryList): Html {
  if (list.items.length === 0) return noMatch('cell or pack', list.pages.path)
  return html`<form class="card listing" method="get" action="${COMPARE_PATH}" data-compare-form>
    <div class="scroll">
      <table>
        <caption class="hidden">
          Cells and packs of this list, page by page
        </caption>
        <thead>
          <tr>
            <th scope="col" class="pick"><span class="hidden">Compare</span></th>
            ${[...TEXT_COLUMNS, ...NUMBER_COLUMNS].map((column) => columnHead(list, column))}
          </tr>
        </thead>
        <tbody>
          ${list.items.map(row)}
        </tbody>
      </table>
    </div>
    <div class="listing-foot">
      <div>
        <button type="submit" data-compare-button>Compare the marked ones</button>
        <span class="muted" role="status" data-compare-status>up to ${MAX_COMPARED}</span>
      </div>
      ${pager(list.pages)}
    </div>
  </form>`
}

/** The rows of this page. All are counted only when they fit on one page, since counting more would read them all. */
function extent({ items, pages }: BatteryList): string {
  const rows = `${items.length} ${items.length === 1 ? 'row' : 'rows'}`
  if (pages.next !== null) return `${rows} on this page, more follow`
  return pages.previous === null ? rows : `${rows} on this last page`
}

const HEADING = {
  title: 'Lithium-ion cells and packs',
  lead: 'Find, compare and download what makers publish about them, with the source of every entry.',
}

/** The view at `/`. */
export function batteryList(list: BatteryList): Html {
  const form = formOf(list, PRIMARY_FILTERS)
  return listFrame(
    HEADING,
    form,
    () =>
      html`<div class="found">
          <p class="muted">${extent(list)}</p>
          ${chips(form)}
        </div>
        ${list.charted.length === 0 ? '' : chart(list.charted)} ${table(list)}
        ${download({ resource: 'batteries', filters: list.exported, origin: list.origin })}`,
  )
}
