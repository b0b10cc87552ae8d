/** `lithium_ion_batteries`: the cell or pack model behind a product. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { ordered, ranges, VOLUME } from './battery-rules.ts'
import { dateCheck, integerChecks, oneOf, textChecks, urlChecks } from './check-constraints.ts'
import { name, provenance, sequence } from './shared-columns.ts'
import { products } from './product-table.ts'
import { chemistries, formats, kinds, verifications } from './vocabulary.ts'

/** Columns along which the table is listed: by each of them, or within one value of it. */
const walked = [
  'product_id',
  'manufacturer',
  'model',
  'kind',
  'chemistry',
  'format',
  'size_code',
  'nominal_capacity_mah',
  'energy_mwh',
  'nominal_voltage_mv',
  'maximum_continuous_charging_current_ma',
  'maximum_continuous_discharging_current_ma',
  'maximum_pulse_discharging_current_ma',
  'mass_mg',
  'diameter_um',
  'height_um',
  'width_um',
  'thickness_um',
  'ac_internal_resistance_uohm',
  'dc_internal_resistance_uohm',
  'cycle_life',
  'minimum_discharging_temperature_mdegc',
  'maximum_discharging_temperature_mdegc',
  'specific_energy_mwh_per_kg',
  'energy_density_mwh_per_l',
] as const

/** The common filters, and the orders that have an index within each of them. Every index costs each write; these pay for it. */
const narrowed = ['chemistry', 'format', 'manufacturer'] as const
const crossed = ['nominal_capacity_mah', 'specific_energy_mwh_per_kg'] as const

export const lithiumIonBatteries = sqliteTable(
  'lithium_ion_batteries',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    product_id: integer()
      .notNull()
      .references(() => products.id, { onDelete: 'restrict' }),
    manufacturer: name().notNull(),
    model: name().notNull(),
    kind: text({ enum: kinds }).notNull(),
    chemistry: text({ enum: chemistries }),
    /** What the maker says of the electrodes, e.g. `LiNi0.8Co0.15Al0.05O2` or `graphite, silicon`. */
    cathode_basis: text(),
    anode_basis: text(),
    format: text({ enum: formats }),
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
  (table) => [
    uniqueIndex('batteries_natural_key').on(table.manufacturer, table.model),
    ...walked.map((column) => index(`batteries_by_${column}`).on(table[column], table.sequence)),
    ...narrowed.flatMap((filter) =>
      crossed.map((column) =>
        index(`batteries_${filter}_by_${column}`).on(table[filter], table[column], table.sequence),
      ),
    ),
    ...textChecks('batteries', ['manufacturer', 'model'], 120),
    ...textChecks(
      'batteries',
      ['cathode_basis', 'anode_basis', 'iec_designation', 'size_code', 'un383_revision'],
      120,
    ),
    ...textChecks('batteries', ['capacity_condition', 'resistance_condition', 'cycle_life_condition'], 300),
    ...textChecks('batteries', ['un383_report', 'source_title', 'source_licence'], 300),
    ...urlChecks('batteries', ['battinfo_iri', 'source_url']),
    check(
      'batteries_wikidata_form',
      sql.raw(
        "wikidata_qid IS NULL OR (wikidata_qid GLOB 'Q[1-9]*' AND substr(wikidata_qid, 2) NOT GLOB '*[^0-9]*')",
      ),
    ),
    oneOf('batteries', 'kind', kinds),
    oneOf('batteries', 'chemistry', chemistries),
    oneOf('batteries', 'format', formats),
    oneOf('batteries', 'verification', verifications),
    ...integerChecks('batteries', ranges),
    ...ordered.map(([low, relation, high]) =>
      check(
        `batteries_${low}_below_${high}`,
        sql.raw(`${low} IS NULL OR ${high} IS NULL OR ${low} ${relation} ${high}`),
      ),
    ),
    check(
      'batteries_round_dimensions',
      sql.raw(
        "format IS NULL OR format NOT IN ('cylindrical', 'coin') OR (width_um IS NULL AND thickness_um IS NULL)",
      ),
    ),
    check(
      'batteries_flat_dimensions',
      sql.raw("format IS NULL OR format NOT IN ('prismatic', 'pouch') OR diameter_um IS NULL"),
    ),
    check(
      'batteries_size_of_cylinder',
      sql.raw(
        "size_code IS NULL OR format IS NULL OR format NOT IN ('prismatic', 'pouch') OR size_code NOT GLOB 'R[0-9]*'",
      ),
    ),
    dateCheck('batteries', 'source_retrieved_on'),
  ],
)
