/** The list of products, which are batteries and other things. */
import { html } from 'hono/html'
import type { Product } from '../../../protocol/catalogue/shapes.ts'
import { productAddress } from '../view-address.ts'
import { spell } from '../labels.ts'
import { download } from './download.ts'
import { chips } from './filter-form.ts'
import type { Html } from '../layout.ts'
import { columnHead, formOf, listFrame, noMatch, type ListView, type TableColumn } from './list-view.ts'
import { pager } from './pager.ts'
import { externalLink } from '../external-link.ts'
import { notKnown } from '../not-known.ts'

function row(product: Product): Html {
  return html`<tr>
    <th scope="row">
      <a href="${productAddress(product.id)}"><bdi>${product.name}</bdi></a>
      <span class="under"
        ><bdi>${product.manufacturer}</bdi> <span class="narrow">· ${spell(product.category)}</span></span
      >
    </th>
    <td class="wide"><bdi>${product.sku}</bdi></td>
    <td class="wide">${spell(product.category)}</td>
    <td class="wide">${product.status === 'unknown' ? notKnown() : spell(product.status)}</td>
    <td class="nowrap">
      ${product.datasheet_url === null ? notKnown() : externalLink(product.datasheet_url, 'Data sheet')}
    </td>
  </tr>`
}

const COLUMNS: readonly TableColumn[] = [
  { field: 'name', label: 'Product', wide: false },
  { field: 'sku', wide: true },
  { field: 'category', wide: true },
  { field: 'status', wide: true },
  { field: 'datasheet_url', label: 'Source', wide: false },
]

function table(list: ListView<Product>): Html {
  if (list.items.length === 0) return noMatch('product', list.pages.path)
  return html`<div class="card listing">
    <div class="scroll">
      <table>
        <caption class="hidden">
          Products of this list, page by page
        </caption>
        <thead>
          <tr>
            ${COLUMNS.map((column) => columnHead(list, column))}
          </tr>
        </thead>
        <tbody>
          ${list.items.map(row)}
        </tbody>
      </table>
    </div>
    <div class="listing-foot">${pager(list.pages)}</div>
  </div>`
}

const HEADING = { title: 'Products', lead: 'What is sold: cells, packs, other batteries, chargers.' }

/** The view at `/view/products`. */
export function productList(list: ListView<Product>): Html {
  const form = formOf(list, ['category', 'status', 'manufacturer'])
  return listFrame(
    HEADING,
    form,
    () =>
      html`${chips(form)} ${table(list)}
      ${download({ resource: 'products', filters: list.exported, origin: list.origin })}`,
  )
}
