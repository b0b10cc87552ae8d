/** The form that filters a list. It is a plain GET form, so that it leads to the address of the filtered list. */
import { html } from 'hono/html'
import { queryAddress, READABLE_SUFFIX, type Given } from '../view-query.ts'
import { columnLabel, parameterLabel, spell } from '../labels.ts'
import type { Html } from '../layout.ts'
import { fromBase, perUnitOf, symbolOf } from '../measures.ts'
import type { Parameter } from '../list-parameters.ts'
import { sortChoices } from './sorting.ts'

export type Faults = ReadonlyMap<string, string>

export type FilterForm = {
  readonly path: string
  readonly parameters: ReadonlyMap<string, Parameter>
  /** Filters that are always visible; the others are folded until one of them is used. */
  readonly primary: readonly string[]
  readonly given: Given
  readonly faults: Faults
  /** Suggestions while typing, by parameter. */
  readonly suggestions: Readonly<Record<string, readonly string[]>>
}

/** Parameters that select how rows are shown, not which. */
const viewParameters = new Set(['cursor', 'limit', 'sort', 'order', 'fields', 'include'])
const SEARCH_PARAMETER = 'q'
/** Filters that are not among the form's controls: the search has its own field, a product is chosen by a link. */
const apart = new Set([SEARCH_PARAMETER, 'product_id'])
const pageSizes = ['10', '25', '50', '100']

/** One control of the form: a parameter, or the two ends of a range. */
type Control = { readonly label: string; readonly parameters: readonly Parameter[] }

function isFilter(name: string): boolean {
  return !viewParameters.has(name)
}

function controlsOf(parameters: FilterForm['parameters']): Control[] {
  const filters = [...parameters.values()].filter(({ name }) => isFilter(name) && !apart.has(name))
  return filters.flatMap((parameter) => {
    const [, end, field] = /^(min|max)_(.+)$/.exec(parameter.name) ?? []
    if (field === undefined) return [{ label: filterLabel(parameter.name), parameters: [parameter] }]
    if (end === 'max' && parameters.has(`min_${field}`)) return [] // shown with its lower end
    const upper = parameters.get(`max_${field}`)
    const ends = end === 'min' && upper !== undefined ? [parameter, upper] : [parameter]
    return [{ label: rangeLabel(field), parameters: ends }]
  })
}

function rangeLabel(field: string): string {
  const unit = symbolOf(field)
  return unit === '' ? columnLabel(field) : `${columnLabel(field)}, ${unit}`
}

/** `min_mass_mg` -> `Mass, g, from`. */
function filterLabel(name: string): string {
  const [, end, field] = /^(min|max)_(.+)$/.exec(name) ?? []
  if (field === undefined) return parameterLabel(name)
  return `${rangeLabel(field)}, ${end === 'min' ? 'from' : 'to'}`
}

function valueOf(given: Given, name: string): string {
  const value = given[name]
  return typeof value === 'string' ? value : (value?.[0] ?? '')
}

function faultOf(faults: Faults, name: string): { attributes: Html | string; text: Html | string } {
  const fault = faults.get(name)
  if (fault === undefined) return { attributes: '', text: '' }
  return {
    attributes: html`aria-invalid="true" aria-describedby="fault-${name}"`,
    text: html`<span class="fault" id="fault-${name}">${fault}</span>`,
  }
}

function field(form: FilterForm, parameter: Parameter, label: string): Html {
  const { name, choices } = parameter
  const value = valueOf(form.given, name)
  const { attributes, text } = faultOf(form.faults, name)
  const id = `filter-${name}`
  const control =
    choices === undefined
      ? input(form, parameter, value, attributes)
      : html`<select id="${id}" name="${name}" ${attributes}>
          <option value="">any</option>
          ${choices.map(
            (choice) =>
              html`<option value="${choice}" ${choice === value ? 'selected' : ''}>${spell(choice)}</option>`,
          )}
        </select>`
  const long = choices?.some((choice) => choice.length > 12) ?? !parameter.numeric
  const whole = long ? ' whole' : ''
  return html`<div class="field${whole}"><label for="${id}">${label}</label>${control}${text}</div>`
}

function input(form: FilterForm, parameter: Parameter, value: string, attributes: Html | string): Html {
  const { name, numeric, least, maxLength } = parameter
  if (numeric) {
    const scaled = perUnitOf(name) > 1
    return html`<input
      id="filter-${name}"
      name="${name}${scaled ? READABLE_SUFFIX : ''}"
      type="text"
      inputmode="${scaled || (least ?? 0) < 0 ? 'text' : 'numeric'}"
      autocomplete="off"
      value="${fromBase(name, value)}"
      ${attributes}
    />`
  }
  const names = form.suggestions[name] ?? []
  return html`<input
      id="filter-${name}"
      name="${name}"
      type="text"
      autocomplete="off"
      spellcheck="false"
      ${maxLength === undefined ? '' : html`maxlength="${maxLength}"`}
      ${names.length > 0 ? html`list="names-${name}"` : ''}
      value="${value}"
      ${attributes}
    />
    ${names.length > 0 ? html`<datalist id="names-${name}">${names.map((entry) => html`<option value="${entry}"></option>`)}</datalist>` : ''}`
}

function controlHtml(form: FilterForm, { label, parameters }: Control): Html {
  const [first, second] = parameters
  if (first === undefined) return html``
  if (second === undefined) return field(form, first, label)
  return html`<fieldset class="range">
    <legend>${label}</legend>
    ${field(form, first, 'from')}${field(form, second, 'to')}
  </fieldset>`
}

function searchField(form: FilterForm): Html | string {
  const parameter = form.parameters.get(SEARCH_PARAMETER)
  if (parameter === undefined) return ''
  const { attributes, text } = faultOf(form.faults, SEARCH_PARAMETER)
  return html`<div class="field search">
    <label for="filter-q">Search</label>
    <input
      id="filter-q"
      name="q"
      type="search"
      placeholder="maker, model, size"
      autocomplete="off"
      maxlength="${parameter.maxLength ?? 200}"
      value="${valueOf(form.given, 'q')}"
      ${attributes}
    />${text}
  </div>`
}

function sortFields({ parameters, given }: FilterForm): Html | string {
  const choices = sortChoices(parameters)
  if (choices.length === 0) return ''
  const current = valueOf(given, 'sort')
  const descending = valueOf(given, 'order') === 'desc'
  return html`<div class="field whole">
      <label for="view-sort">Order by</label>
      <select id="view-sort" name="sort">
        <option value="">default</option>
        ${choices.map(
          ({ value, label }) =>
            html`<option value="${value}" ${value === current ? 'selected' : ''}>${label}</option>`,
        )}
      </select>
    </div>
    <div class="field">
      <label for="view-order">Direction</label>
      <select id="view-order" name="order">
        <option value="">ascending</option>
        <option value="desc" ${descending ? 'selected' : ''}>descending</option>
      </select>
    </div>`
}

function pageSizeField({ given }: FilterForm): Html {
  const current = valueOf(given, 'limit')
  return html`<div class="field">
    <label for="view-limit">Rows</label>
    <select id="view-limit" name="limit">
      ${pageSizes.map(
        (size) =>
          html`<option value="${size === '25' ? '' : size}" ${size === (current || '25') ? 'selected' : ''}>
            ${size}
          </option>`,
      )}
    </select>
  </div>`
}

function fields(form: FilterForm, controls: readonly Control[]): Html {
  return html`<div class="fields">${controls.map((control) => controlHtml(form, control))}</div>`
}

/** The form, filled in with the present request. On narrow screens all but the search is folded, by the style sheet. */
export function filterForm(form: FilterForm): Html {
  const controls = controlsOf(form.parameters)
  function isPrimary({ parameters }: Control) {
    return parameters.some(({ name }) => form.primary.includes(name))
  }
  function isUsed({ parameters }: Control) {
    return parameters.some(({ name }) => form.given[name] !== undefined || form.faults.has(name))
  }
  const more = controls.filter((control) => !isPrimary(control))
  function open(yes: boolean): string {
    return yes ? 'open' : ''
  }
  return html`<form class="filters card" method="get" action="${form.path}" data-filters>
    <h2 class="hidden">Search and filter</h2>
    ${searchField(form)}
    ${form.given['product_id'] === undefined ? '' : html`<input type="hidden" name="product_id" value="${valueOf(form.given, 'product_id')}" />`}
    <details class="fold" ${open(form.faults.size > 0)}>
      <summary>Filters and order</summary>
      ${fields(form, controls.filter(isPrimary))}
      ${
        more.length === 0
          ? ''
          : html`<details class="more" ${open(more.some(isUsed))}>
              <summary>More filters</summary>
              ${fields(form, more)}
            </details>`
      }
      <div class="fields view">${sortFields(form)}${pageSizeField(form)}</div>
    </details>
    <div class="actions">
      <button type="submit" class="primary">Show</button>
      <a class="quiet" href="${form.path}">Clear all</a>
    </div>
  </form>`
}

function valueText({ name, choices }: Parameter, value: string): string {
  return choices === undefined ? fromBase(name, value) : spell(value)
}

/** The filters in use, each with a link that removes it. */
export function chips({ path, given, parameters }: FilterForm): Html | string {
  const used = [...parameters.values()].filter(({ name }) => isFilter(name) && given[name] !== undefined)
  if (used.length === 0) return ''
  return html`<ul class="chips" aria-label="Filters in use">
    ${used.map((parameter) => {
      const { name } = parameter
      const without = queryAddress(path, given, { [name]: undefined, cursor: undefined })
      return html`<li>
        <a href="${without}"
          ><span class="muted">${filterLabel(name)}</span>
          <bdi>${valueText(parameter, valueOf(given, name))}</bdi
          ><span class="hidden">, remove this filter</span><span aria-hidden="true">×</span></a
        >
      </li>`
    })}
  </ul>`
}

/** A fault as the API's shapes state it, in the unit of the form. */
export function readableFault(name: string, detail: string): string {
  const unit = symbolOf(name)
  const limit = /^(below|above) (-?\d+)$/.exec(detail)
  if (limit !== null) return `${limit[1]} ${fromBase(name, limit[2] ?? '')} ${unit}`.trimEnd()
  if (detail === 'not a whole number' && perUnitOf(name) > 1) return 'not a number'
  return detail.startsWith('above max_') ? 'above the other end' : detail
}

/** The faults of the address, shown above everything else. */
export function faultSummary({ faults, path }: Pick<FilterForm, 'faults' | 'path'>): Html | string {
  if (faults.size === 0) return ''
  return html`<div class="notice fault-notice" role="alert">
    <p><strong>This list cannot be shown:</strong></p>
    <ul>
      ${[...faults].map(
        ([name, fault]) => html`<li><bdi>${filterLabel(name)}</bdi>: <bdi>${fault}</bdi></li>`,
      )}
    </ul>
    <p>Correct what is marked, or <a href="${path}">see the whole list</a>.</p>
  </div>`
}
