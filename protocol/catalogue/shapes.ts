/** What the catalogue answers, as zod shapes: the Worker describes its OpenAPI document with them, a client reads answers with them. */
import { z } from 'zod'
import { categories, chemistries, formats, kinds, statuses, verifications } from './vocabulary.ts'

const id = z.int().min(1).meta({ example: 1, description: 'Never given twice.' })
function named(description: string) {
  return z.string().meta({ description })
}
function oneOf<const Values extends readonly [string, ...string[]]>(values: Values, description: string) {
  return z.enum(values).meta({ description })
}
/** A measured value: an integer in the unit that ends the field's name; null is "not known". */
function measured(description: string) {
  return z.int().nullable().meta({ description })
}
function text(description: string) {
  return z.string().nullable().meta({ description })
}

const provenance = {
  source_url: z.string().meta({ description: 'Where the facts of this row can be read.' }),
  source_title: text('What that source is.'),
  source_licence: text('The licence of the source, where it has one.'),
  source_retrieved_on: text('YYYY-MM-DD'),
  verification: z.enum(verifications).meta({ description: 'How far the row has been checked.' }),
}

export const Product = z
  .object({
    id,
    sku: z.string().meta({ description: "The maker's or seller's number; unique for a manufacturer." }),
    gtin: text('GTIN-8, -12, -13 or -14.'),
    name: named('What it is called in a list.'),
    manufacturer: named('Who makes it.'),
    category: oneOf(categories, 'What kind of thing it is.'),
    status: oneOf(statuses, 'Whether it is still made.'),
    datasheet_url: text('The data sheet.'),
    datasheet_revision: text('Its revision.'),
    ...provenance,
  })
  .meta({ id: 'Product' })

export const Battery = z
  .object({
    id,
    product_id: z.int().min(1).meta({ example: 1, description: 'The product that it is sold as.' }),
    manufacturer: named('Who makes it.'),
    model: named("The maker's name for it; unique for a manufacturer."),
    kind: oneOf(kinds, 'A single cell, or a pack of cells.'),
    chemistry: z
      .enum(chemistries)
      .nullable()
      .meta({ description: 'The active materials, by their usual short name.' }),
    cathode_basis: text('The positive electrode.'),
    anode_basis: text('The negative electrode.'),
    format: z.enum(formats).nullable().meta({ description: 'The shape of the case.' }),
    size_code: text('IEC size, such as R18650.'),
    iec_designation: text('IEC 61960-3 designation.'),
    nominal_capacity_mah: measured('Nominal capacity, mAh.'),
    minimum_capacity_mah: measured('Minimum capacity, mAh.'),
    capacity_condition: text('How the capacity was measured.'),
    nominal_voltage_mv: measured('Nominal voltage, mV.'),
    charging_voltage_mv: measured('Upper limit of charging, mV.'),
    discharging_cutoff_voltage_mv: measured('Lower limit of discharging, mV.'),
    standard_charging_current_ma: measured('Standard charging current, mA.'),
    maximum_continuous_charging_current_ma: measured('Highest continuous charging current, mA.'),
    maximum_continuous_discharging_current_ma: measured('Highest continuous discharging current, mA.'),
    maximum_pulse_discharging_current_ma: measured('Highest discharging current of a pulse, mA.'),
    pulse_duration_ms: measured('How long that pulse may last, ms.'),
    ac_internal_resistance_uohm: measured('Internal resistance at 1 kHz, microohm.'),
    dc_internal_resistance_uohm: measured('Internal resistance by direct current, microohm.'),
    resistance_condition: text('How the resistance was measured.'),
    cycle_life: measured('Cycles until the end of life.'),
    cycle_life_condition: text('Rates, depth of discharge, capacity left.'),
    mass_mg: measured('Mass, mg.'),
    diameter_um: measured('Diameter, micrometre.'),
    height_um: measured('Height, micrometre.'),
    width_um: measured('Width, micrometre.'),
    thickness_um: measured('Thickness, micrometre.'),
    minimum_charging_temperature_mdegc: measured('Lowest temperature for charging, 0.001 degree Celsius.'),
    maximum_charging_temperature_mdegc: measured('Highest temperature for charging, 0.001 degree Celsius.'),
    minimum_discharging_temperature_mdegc: measured(
      'Lowest temperature for discharging, 0.001 degree Celsius.',
    ),
    maximum_discharging_temperature_mdegc: measured(
      'Highest temperature for discharging, 0.001 degree Celsius.',
    ),
    minimum_storage_temperature_mdegc: measured('Lowest temperature for storage, 0.001 degree Celsius.'),
    maximum_storage_temperature_mdegc: measured('Highest temperature for storage, 0.001 degree Celsius.'),
    un383_report: text('Id or address of the UN 38.3 test summary.'),
    un383_revision: text("Revision of the UN manual's section 38.3 tested against."),
    wikidata_qid: text('Wikidata item.'),
    battinfo_iri: text('BattINFO identifier.'),
    ...provenance,
    energy_mwh: measured('Nominal voltage times nominal capacity, mWh.'),
    specific_energy_mwh_per_kg: measured('Energy by mass, mWh/kg.'),
    energy_density_mwh_per_l: measured('Energy by the volume of the enclosing cylinder or box, mWh/L.'),
  })
  .meta({ id: 'Battery' })

/** The columns in the order in which they are shown and exported. */
export const productColumns = Object.keys(Product.shape) as (keyof typeof Product.shape)[]
export const batteryColumns = Object.keys(Battery.shape) as (keyof typeof Battery.shape)[]

export const BatteryWithProduct = Battery.extend({ product: Product }).meta({ id: 'BatteryWithProduct' })

const revision = z
  .int()
  .min(0)
  .meta({ description: 'How often the catalogue had changed when this was read.' })
const next = z.string().nullable().meta({ description: 'Cursor of the next page; null on the last.' })

const previous = z.string().nullable().meta({ description: 'Cursor of the page before; null on the first.' })
const total = z.int().min(0).optional().meta({ description: 'With `include=total`.' })
const around = { next, previous, total }

export const ProductPage = z
  .object({ revision, items: z.array(Product), ...around })
  .meta({ id: 'ProductPage' })
export const BatteryPage = z
  .object({ revision, items: z.array(Battery), ...around })
  .meta({ id: 'BatteryPage' })

export const ExportDigestShape = z
  .object({
    revision,
    rows: z.int().min(0).meta({ description: 'Rows of the file, a header not counted.' }),
    bytes: z.int().min(0).meta({ description: 'Its length.' }),
    crc32: z
      .string()
      .regex(/^[0-9a-f]{8}$/)
      .meta({ description: 'CRC-32 (IEEE) of its bytes, hexadecimal.' }),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .meta({ description: 'SHA-256 of its bytes, hexadecimal.' }),
  })
  .meta({ id: 'ExportDigest' })

/** RFC 9457. */
export const ProblemDocument = z
  .object({
    type: named('The code as a URN.'),
    title: named('What the code means, in a sentence.'),
    status: z.int().meta({ description: 'The HTTP status.' }),
    code: z.string().meta({ description: 'Stable name of the problem.' }),
    detail: z.string().optional().meta({ description: 'More about this one case.' }),
    instance: z.string().optional().meta({ description: "Names this one case in the edge's log." }),
    errors: z
      .array(
        z.object({
          detail: z.string(),
          parameter: z.string().optional(),
          header: z.string().optional(),
          pointer: z.string().optional(),
        }),
      )
      .optional()
      .meta({
        description: 'Each fault, with the parameter, header or place in the body (RFC 6901) concerned.',
      }),
  })
  .meta({ id: 'Problem' })

export type Product = z.infer<typeof Product>
export type Battery = z.infer<typeof Battery>
export type BatteryWithProduct = z.infer<typeof BatteryWithProduct>
export type ProblemDocument = z.infer<typeof ProblemDocument>
