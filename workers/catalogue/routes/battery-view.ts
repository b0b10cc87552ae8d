/** A battery as it is shown: its columns and the views computed from them, readable units and transport class. */
import { batteryFields } from '../../../protocol/catalogue/columns.ts'
import type { Battery, Product } from '../../../protocol/catalogue/shapes.ts'
import { shippingFields, shippingOf } from '../../../protocol/catalogue/views/shipping.ts'
import { readableValues } from '../../../protocol/catalogue/units.ts'
import type { BatteryDetail, ListedBattery } from '../../../protocol/catalogue/views/battery-views.ts'
import { pick } from './list-answers.ts'

/** The columns that must be read to show `fields` and the views of `include`. */
export function neededFields(fields: readonly string[], include: readonly string[]): readonly string[] {
  return include.includes('shipping') ? [...new Set([...fields, ...shippingFields])] : fields
}

type Viewed = Battery & Pick<ListedBattery, 'readable' | 'shipping'>

/** Shows a row of a list: the columns of `fields`, and the views of `include` computed from them. */
export function batteryView(fields: readonly string[] = batteryFields, include: readonly string[] = []) {
  const columns = pick<Battery>(fields)
  const readable = include.includes('readable')
  const shipping = include.includes('shipping')
  return (battery: Battery): Viewed => {
    const shown: Viewed = columns(battery)
    if (readable) shown.readable = readableValues(shown)
    if (shipping) shown.shipping = shippingOf(battery)
    return shown
  }
}

export function withViews(battery: Battery, product: Product): BatteryDetail {
  return {
    ...battery,
    product,
    readable: readableValues(battery),
    shipping: shippingOf(battery),
  }
}
