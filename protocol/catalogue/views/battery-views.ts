/** The views of a battery that are computed when it is read, as zod shapes: readable units, transport class, mapping. */
import { z } from 'zod'
import { batteryFields } from '../columns.ts'
import { Battery, BatteryPage, BatteryWithProduct, Product, ProductPage } from '../shapes.ts'
import { wattHourClasses } from './shipping.ts'
import { readableAs } from '../units.ts'

export const Readable = z
  .object(
    Object.fromEntries(
      batteryFields.flatMap((column) => {
        const readable = readableAs(column)
        if (readable === undefined) return []
        return [
          [
            readable.name,
            z
              .number()
              .nullable()
              .meta({ description: `${column} in ${readable.unit}.` }),
          ],
        ]
      }),
    ),
  )
  .meta({ id: 'Readable' })

const consignment = z.object({
  un_number: z.enum(['UN3480', 'UN3481']),
  packing_instruction: z.enum(['PI 965', 'PI 966', 'PI 967']),
  section: z.enum(['IA', 'IB', 'I', 'II']).nullable(),
  state_of_charge_limit_percent: z.number().nullable(),
})

export const ShippingShape = z
  .object({
    watt_hours: z.number().nullable().meta({ description: 'Energy, which the rules go by.' }),
    watt_hour_class: z.enum(wattHourClasses).nullable().meta({ description: 'Its class in the rules.' }),
    alone: consignment.meta({ description: 'Shipped by itself.' }),
    with_equipment: consignment.meta({ description: 'Packed with equipment.' }),
    in_equipment: consignment.meta({ description: 'Contained in equipment.' }),
    un383_summary: z.boolean().meta({ description: 'The row names a UN 38.3 test summary.' }),
    rules: z.string().meta({ description: 'The rules, with their edition.' }),
    note: z.string().meta({ description: 'What this block is not.' }),
  })
  .meta({ id: 'Shipping' })

const views = { readable: Readable, shipping: ShippingShape }

/** One battery as `GET /batteries/{id}` shows it. */
export const BatteryDetail = BatteryWithProduct.extend(views).meta({ id: 'BatteryDetail' })

/** A battery of a list: all its columns or those of `fields`, and the views of `include`. */
export const ListedBattery = Battery.partial()
  .extend({
    readable: Readable.partial().optional().meta({ description: 'Numbers in the units that people read.' }),
    shipping: ShippingShape.optional(),
  })
  .meta({ id: 'ListedBattery' })

export const ListedBatteryPage = BatteryPage.extend({
  items: z.array(ListedBattery).meta({ description: 'The rows of this page.' }),
}).meta({
  id: 'ListedBatteryPage',
})

/** A product of a list: all its columns or those of `fields`. */
export const ListedProduct = Product.partial().meta({ id: 'ListedProduct' })
export const ListedProductPage = ProductPage.extend({
  items: z.array(ListedProduct).meta({ description: 'The rows of this page.' }),
}).meta({
  id: 'ListedProductPage',
})

export const Mapping = z
  .object({
    id: z.int().meta({ description: 'Of the battery.' }),
    note: z.string().meta({ description: 'What this table is not.' }),
    attributes: z
      .array(
        z.object({
          columns: z
            .array(z.string())
            .meta({ description: 'Ours; none when the catalogue has no such column.' }),
          battinfo: z.string().nullable(),
          battery_pass: z.string().nullable(),
          filled: z.boolean(),
        }),
      )
      .meta({ description: 'Each attribute by its names, and whether this row fills it.' }),
  })
  .meta({ id: 'Mapping' })

export type BatteryDetail = z.infer<typeof BatteryDetail>
export type ListedBattery = z.infer<typeof ListedBattery>
