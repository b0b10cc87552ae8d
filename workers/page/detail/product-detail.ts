/** One product, with the cells or packs that are sold as it. */
import { html } from 'hono/html'
import type { Product } from '../../../protocol/catalogue/shapes.ts'
import { batteryAddress, PRODUCT_LIST_PATH } from '../view-address.ts'
import { spell } from '../labels.ts'
import type { Html } from '../layout.ts'
import { externalLink } from '../external-link.ts'
import { sourceCard } from './source-card.ts'
import { notKnown } from '../not-known.ts'

export type BatteryName = { readonly id: number; readonly manufacturer: string; readonly model: string }

function batteries(list: readonly BatteryName[]): Html | string {
  if (list.length === 0) return ''
  return html`<section class="card" aria-labelledby="batteries-heading">
    <h2 id="batteries-heading">Technical data</h2>
    <ul class="plain">
      ${list.map(
        ({ id, manufacturer, model }) =>
          html`<li>
            <a href="${batteryAddress(id)}"><bdi>${manufacturer} ${model}</bdi></a>
          </li>`,
      )}
    </ul>
  </section>`
}

/** The view at `/view/products/:id`. */
export function productDetail(product: Product, sold: readonly BatteryName[]): Html {
  const facts = [
    ['Number', product.sku],
    ['GTIN', product.gtin],
    ['Category', spell(product.category)],
    ['Status', product.status === 'unknown' ? null : spell(product.status)],
  ] as const
  return html`<p class="trail"><a href="${PRODUCT_LIST_PATH}">Products</a></p>
    <div class="card hero">
      <div>
        <p class="over"><bdi>${product.manufacturer}</bdi></p>
        <h1><bdi>${product.name}</bdi></h1>
        <dl class="pairs">
          ${facts.map(
            ([label, value]) =>
              html`<div>
                <dt>${label}</dt>
                <dd>${value === null ? notKnown() : html`<bdi>${value}</bdi>`}</dd>
              </div>`,
          )}
        </dl>
        <p class="actions">
          ${
            product.datasheet_url === null
              ? ''
              : externalLink(
                  product.datasheet_url,
                  product.datasheet_revision === null
                    ? 'Data sheet'
                    : `Data sheet, ${product.datasheet_revision}`,
                )
          }
          <a class="quiet" href="/products/${product.id}">As JSON</a>
        </p>
      </div>
    </div>
    <div class="cards">${batteries(sold)} ${sourceCard(product)}</div>`
}
