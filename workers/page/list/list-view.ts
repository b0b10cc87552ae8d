/** What the two lists have in common: their parameters, the page around them, the heads of their columns. */
import { html } from 'hono/html'
import type { BatteryColumn, ProductColumn } from '../../../protocol/catalogue/columns.ts'
import type { BatteryFilterName, ProductFilterName } from '../../../protocol/catalogue/filters.ts'
import type { Given } from '../view-query.ts'
import { columnLabel } from '../labels.ts'
import { faultSummary, filterForm, type Faults, type FilterForm } from './filter-form.ts'
import type { Html } from '../layout.ts'
import { symbolOf } from '../measures.ts'
import type { Pages } from './pager.ts'
import type { Parameter } from '../list-parameters.ts'
import { sortAddress, sortState } from './sorting.ts'

/** One page of a list, and the request for it. */
export type ListView<Item> = {
  readonly given: Given
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly faults: Faults
  readonly makers: readonly string[]
  readonly items: readonly Item[]
  readonly pages: Pages
  /** The given parameters that the export takes too. */
  readonly exported: Given
  /** The origin of this edge. */
  readonly origin: string
}

export type TableColumn = {
  readonly field: BatteryColumn | ProductColumn
  /** Used when the field's own label is too long. */
  readonly label?: string
  /** Hidden on narrow screens. */
  readonly wide: boolean
  readonly number?: boolean
}

/** The head of a column, with a link when the list can be sorted by it. */
export function columnHead(list: ListView<unknown>, column: TableColumn): Html {
  const { field, label = columnLabel(field), wide, number = false } = column
  const { given, parameters, pages } = list
  const state = sortState(given, field)
  const href = sortAddress(pages.path, parameters, given, field)
  const unit = symbolOf(field) === '' ? '' : html`<span class="unit">${symbolOf(field)}</span>`
  const arrow =
    state === undefined ? '' : html` <span aria-hidden="true">${state === 'ascending' ? '↑' : '↓'}</span>`
  const classes = [number ? 'number' : '', wide ? 'wide' : ''].join(' ').trim()
  return html`<th scope="col" class="${classes}" ${state === undefined ? '' : html`aria-sort="${state}"`}>
    ${href === undefined ? label : html`<a href="${href}">${label}${arrow}</a>`}${unit}
  </th>`
}

/** The form of a list. `primary` names the filters that are always visible. */
export function formOf(
  list: ListView<unknown>,
  primary: readonly (BatteryFilterName | ProductFilterName)[],
): FilterForm {
  return {
    path: list.pages.path,
    parameters: list.parameters,
    primary,
    given: list.given,
    faults: list.faults,
    suggestions: { manufacturer: list.makers },
  }
}

/** Shown instead of a list without rows. */
export function noMatch(what: string, path: string): Html {
  return html`<div class="card empty">
    <p><strong>No ${what} matches.</strong></p>
    <p class="muted">Remove a filter, or <a href="${path}">see them all</a>.</p>
  </div>`
}

/** Heading, form and list; no list when the form has a fault. */
export function listFrame(
  heading: { title: string; lead: string },
  form: FilterForm,
  body: () => Html,
): Html {
  return html`<div class="heading">
      <h1>${heading.title}</h1>
      <p class="lead">${heading.lead}</p>
    </div>
    ${faultSummary(form)}
    <div class="columns">
      <div class="side">${filterForm(form)}</div>
      <div class="body">${form.faults.size === 0 ? body() : ''}</div>
    </div>`
}
