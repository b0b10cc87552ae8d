/** `lithium_ion_batteries`: cell and pack models, each sold as a product. */
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { None } from '../../protocol/catalogue/column-facts.ts'
import { batteryColumns } from '../../protocol/catalogue/columns.ts'
import {
  flatDimensions,
  flatFormats,
  orderedPairs,
  roundDimensions,
  roundFormats,
} from '../../protocol/catalogue/contradictions.ts'
import { batteryEqualities, batterySorts } from '../../protocol/catalogue/filters.ts'
import { naturalKeys } from '../../protocol/catalogue/natural-keys.ts'
import { checkOf, columnChecks, sqlList } from './check-constraints.ts'
import { products } from './product-table.ts'
import { indexedColumns, name, provenance, sequence, type Mismatch } from './shared-columns.ts'

/** Cubic micrometres of the enclosing cylinder or box. Floating point: a large pack overflows 64 bits. */
const VOLUME =
  '(CASE WHEN diameter_um IS NOT NULL THEN 0.785398163397448 * diameter_um * diameter_um * height_um ' +
  'ELSE 1.0 * width_um * height_um * thickness_um END)'

/** Each pair of a filter and an order has an index. An index slows down every write; lists of these pairs are common enough. */
export const batteryIndexes = {
  filters: ['manufacturer', 'chemistry', 'format'],
  orders: ['nominal_capacity_mah', 'specific_energy_mwh_per_kg'],
} as const satisfies {
  filters: readonly (typeof batteryEqualities)[number][]
  orders: readonly (typeof batterySorts)[number][]
}

/** The rules between columns of protocol/catalogue/contradictions.ts. */
function contradictionChecks() {
  function areNull(columns: readonly string[]): string {
    const conditions = columns.map((column) => `${column} IS NULL`).join(' AND ')
    return columns.length > 1 ? `(${conditions})` : conditions
  }
  function formatIsNot(formats: readonly string[]): string {
    return `format IS NULL OR format NOT IN ${sqlList(formats)}`
  }
  return [
    ...orderedPairs.map(([low, relation, high]) =>
      checkOf(
        'batteries',
        `${low}_below_${high}`,
        `${low} IS NULL OR ${high} IS NULL OR ${low} ${relation} ${high}`,
      ),
    ),
    checkOf('batteries', 'round_dimensions', `${formatIsNot(roundFormats)} OR ${areNull(flatDimensions)}`),
    checkOf('batteries', 'flat_dimensions', `${formatIsNot(flatFormats)} OR ${areNull(roundDimensions)}`),
    checkOf(
      'batteries',
      'size_of_cylinder',
      `size_code IS NULL OR ${formatIsNot(flatFormats)} OR size_code NOT GLOB 'R[0-9]*'`,
    ),
  ]
}

export const lithiumIonBatteries = sqliteTable(
  'lithium_ion_batteries',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    product_id: integer()
      .notNull()
      .references(() => products.id, { onDelete: 'restrict' }),
    manufacturer: name().notNull(),
    model: name().notNull(),
    kind: text({ enum: batteryColumns.kind.values }).notNull(),
    chemistry: text({ enum: batteryColumns.chemistry.values }),
    /** As the manufacturer describes the electrodes, e.g. `LiNi0.8Co0.15Al0.05O2` or `graphite, silicon`. */
    cathode_basis: text(),
    anode_basis: text(),
    format: text({ enum: batteryColumns.format.values }),
    /** IEC size: R18650, R21700; a trade size (18650) is written with its R. */
    size_code: name(),
    iec_designation: text(),
    nominal_capacity_mah: integer(),
    minimum_capacity_mah: integer(),
    /** How the capacity was measured: rate, cut-off, temperature. */
    capacity_condition: text(),
    nominal_voltage_mv: integer(),
    /** Upper limit of charging. */
    charging_voltage_mv: integer(),
    /** Lower limit of discharging. */
    discharging_cutoff_voltage_mv: integer(),
    standard_charging_current_ma: integer(),
    maximum_continuous_charging_current_ma: integer(),
    maximum_continuous_discharging_current_ma: integer(),
    maximum_pulse_discharging_current_ma: integer(),
    /** How long the pulse current may flow. */
    pulse_duration_ms: integer(),
    /** At 1 kHz. */
    ac_internal_resistance_uohm: integer(),
    dc_internal_resistance_uohm: integer(),
    resistance_condition: text(),
    cycle_life: integer(),
    /** Rates, depth of discharge and the capacity left at the end. */
    cycle_life_condition: text(),
    mass_mg: integer(),
    /** Cylindrical and coin: diameter and height. Others: width, height and thickness. */
    diameter_um: integer(),
    height_um: integer(),
    width_um: integer(),
    thickness_um: integer(),
    minimum_charging_temperature_mdegc: integer(),
    maximum_charging_temperature_mdegc: integer(),
    minimum_discharging_temperature_mdegc: integer(),
    maximum_discharging_temperature_mdegc: integer(),
    minimum_storage_temperature_mdegc: integer(),
    maximum_storage_temperature_mdegc: integer(),
    /** Id or address of the UN 38.3 test summary, and the manual's revision. */
    un383_report: text(),
    un383_revision: text(),
    wikidata_qid: text(),
    battinfo_iri: text(),
    ...provenance(),
    sequence: sequence(),
    /** Derived: nominal voltage times nominal capacity, rounded. */
    energy_mwh: integer().generatedAlwaysAs(
      sql.raw('(nominal_voltage_mv * nominal_capacity_mah + 500) / 1000'),
      {
        mode: 'stored',
      },
    ),
    /** Derived: energy by mass, mWh/kg. */
    specific_energy_mwh_per_kg: integer().generatedAlwaysAs(
      sql.raw('(energy_mwh * 1000000 + mass_mg / 2) / mass_mg'),
      { mode: 'stored' },
    ),
    /** Derived: energy by the volume of the enclosing cylinder or box, mWh/L. */
    energy_density_mwh_per_l: integer().generatedAlwaysAs(
      sql.raw(`CAST(round(energy_mwh * 1e15 / ${VOLUME}) AS INTEGER)`),
      { mode: 'stored' },
    ),
  },
  (table) => {
    const [maker, model] = naturalKeys.batteries
    return [
      uniqueIndex('batteries_natural_key').on(table[maker], table[model]),
      ...indexedColumns(batteryEqualities, batterySorts).map((column) =>
        index(`batteries_by_${column}`).on(table[column], table.sequence),
      ),
      ...batteryIndexes.filters.flatMap((filter) =>
        batteryIndexes.orders.map((order) =>
          index(`batteries_${filter}_by_${order}`).on(table[filter], table[order], table.sequence),
        ),
      ),
      ...columnChecks('batteries', batteryColumns),
      ...contradictionChecks(),
    ]
  },
)

/** Does not compile unless the table has exactly the columns of `batteryColumns`, with their types. */
export type BatteryTableIsWhole = None<
  Mismatch<typeof lithiumIonBatteries.$inferSelect, typeof batteryColumns>
>
