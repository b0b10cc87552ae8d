/** How a battery is shipped by air, as the catalogue computes it. */
import { html } from 'hono/html'
import type { Battery } from '../../../protocol/catalogue/shapes.ts'
import { shippingOf, type Consignment } from '../../../protocol/catalogue/views/shipping.ts'
import type { Html } from '../layout.ts'
import { externalLink } from '../external-link.ts'

/** With no-break spaces: PI 967, Section II. */
function unbroken(text: string): string {
  return text.replaceAll(' ', '\u00a0')
}

function consignment(consigned: Consignment): string {
  const { un_number: number, packing_instruction: instruction, section } = consigned
  const limit = consigned.state_of_charge_limit_percent
  const where = section === null ? [] : [`Section ${section}`]
  const most = limit === null ? '' : `; charged to ${unbroken(`${limit} %`)} at most`
  return [number, instruction, ...where].map(unbroken).join(', ') + most
}

/** The shipping class, with the rules it follows and their reservation. */
export function shippingCard(battery: Battery): Html {
  const shipping = shippingOf(battery)
  const rows = [
    ['By itself', consignment(shipping.alone)],
    ['Packed with equipment', consignment(shipping.with_equipment)],
    ['In equipment', consignment(shipping.in_equipment)],
  ] as const
  const report = battery.un383_report
  return html`<section class="card facts" aria-labelledby="transport-heading">
    <h2 id="transport-heading">Transport by air</h2>
    <dl>
      <div>
        <dt>Energy class</dt>
        <dd>${shipping.watt_hour_class?.replace('_wh', ' Wh').replaceAll('_', ' ') ?? 'energy not known'}</dd>
      </div>
      ${rows.map(
        ([label, text]) =>
          html`<div>
            <dt>${label}</dt>
            <dd>${text}</dd>
          </div>`,
      )}
      <div>
        <dt>UN 38.3 summary</dt>
        <dd>${report === null ? 'not named' : externalLink(report, report)}</dd>
      </div>
    </dl>
    <p class="fine">${shipping.rules}. ${shipping.note}</p>
  </section>`
}
