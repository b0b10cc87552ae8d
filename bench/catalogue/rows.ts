/**
 * The generated catalogue as SQL: the same rows on every machine, computed from the row's number. The products are invented; the
 * distributions are realistic: few large makers and many small ones, capacities around that of a kind, values that are often not known.
 */
import type { BatteryColumn } from '../../protocol/catalogue/columns.ts'
import { batteryKinds, type BatteryKind } from './kinds-of-battery.ts'

/** Products are sold in families of this many models. */
const BATTERIES_PER_PRODUCT = 10
/** Rows of one statement: a transaction of some seconds at most. */
const ROWS_PER_STATEMENT = 20_000
const MAKERS = 240
/** A prime just below 2^31: numbers modulo it can be multiplied within 63 bits. */
const PRIME = 2_147_483_647

/** Spreads neighbouring row numbers over the whole range, as the seed of `lot`. */
function spread(n: string): string {
  return `(${n} * 1664525 + 1013904223) % ${PRIME}`
}

/**
 * A pseudo-random number in [0, 1): a quadratic polynomial of the row's `x` modulo a prime, a different one for each `number`. SQL has no
 * seeded random().
 */
function lot(number: number): string {
  return `((square * ${48_271 + 7_919 * number} + x * ${69_621 + 104_729 * number} + ${number * 1_299_709}) % ${PRIME} / ${PRIME}.0)`
}

/** Between -1 and 1, mostly near 0. */
function around(number: number): string {
  return `(${lot(number)} + ${lot(number + 1)} - 1)`
}

function text(value: unknown): string {
  return `'${JSON.stringify(value).replaceAll("'", "''")}'`
}

/** The maker of a product. A cubed random number makes makers with low numbers frequent. */
const maker = `printf('Maker %03d', 1 + CAST(${MAKERS} * ${lot(1)} * ${lot(1)} * ${lot(1)} AS INTEGER))`

function numbers(from: number, to: number): string {
  return `numbers(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${to}),
spreads AS (SELECT n, ${spread('n')} AS x FROM numbers),
lots AS MATERIALIZED (SELECT n, x, x * x % ${PRIME} AS square FROM spreads)`
}

function insertProducts(from: number, to: number): string {
  return `WITH RECURSIVE ${numbers(from, to)}
INSERT INTO products (id, sku, name, manufacturer, category, status, source_url)
SELECT n, printf('S-%06d', n), printf('Series %d', n), ${maker},
  CASE WHEN ${lot(2)} < 0.93 THEN 'lithium_ion_cell' ELSE 'lithium_ion_pack' END,
  CASE WHEN ${lot(3)} < 0.6 THEN 'active' WHEN ${lot(3)} < 0.8 THEN 'unknown' WHEN ${lot(3)} < 0.9 THEN 'not_recommended' ELSE 'end_of_life' END,
  printf('https://example.com/sheets/%06d.pdf', n)
FROM lots`
}

/** One entry for each percent of the rows, so that a random number selects a kind by position. */
const kindByPercent: readonly BatteryKind[] = batteryKinds.flatMap((kind) =>
  Array<BatteryKind>(kind.share).fill(kind),
)

const kindFields = Object.keys(batteryKinds[0] ?? {})

/** `value` in `percent` of the rows, else NULL (not known). */
function known(percent: number, number: number, value: string): string {
  return `CASE WHEN ${lot(number)} * 100 < ${percent} THEN ${value} END`
}

/** The expression of each column that is filled. */
const batteryExpressions: Readonly<Partial<Record<BatteryColumn, string>>> = {
  id: 'n',
  product_id: 'p',
  manufacturer: 'manufacturer',
  model: "printf('%s%07d', prefix, n)",
  kind: 'kind',
  chemistry: 'chemistry',
  format: 'format',
  size_code: 'size_code',
  nominal_capacity_mah: 'capacity',
  minimum_capacity_mah: known(60, 10, 'capacity * 97 / 100'),
  capacity_condition: known(40, 11, "'0.2C, 25 degC'"),
  nominal_voltage_mv: 'nominal_mv',
  charging_voltage_mv: known(95, 12, 'charging_mv'),
  discharging_cutoff_voltage_mv: known(90, 13, 'cutoff_mv'),
  standard_charging_current_ma: known(70, 14, 'max(1, capacity / 2)'),
  maximum_continuous_charging_current_ma: known(
    80,
    15,
    `max(1, capacity * CAST(5 + 15 * ${lot(16)} AS INTEGER) / 10)`,
  ),
  maximum_continuous_discharging_current_ma: known(85, 17, 'discharge'),
  maximum_pulse_discharging_current_ma: known(30, 18, 'discharge * 2'),
  pulse_duration_ms: known(30, 18, '10000'),
  ac_internal_resistance_uohm: known(
    55,
    19,
    `CAST(max(100, min(9e6, 60e6 / capacity * (1 + 0.5 * ${around(20)}))) AS INTEGER)`,
  ),
  dc_internal_resistance_uohm: known(
    25,
    21,
    `CAST(max(150, min(9e6, 90e6 / capacity * (1 + 0.5 * ${around(22)}))) AS INTEGER)`,
  ),
  cycle_life: known(65, 23, `CAST(cycles * (1 + 0.4 * ${around(24)}) / 50 AS INTEGER) * 50 + 50`),
  mass_mg: known(
    95,
    25,
    `CAST(nominal_mv * capacity * 1e3 / (mwh_per_kg * (1 + 0.15 * ${around(26)})) AS INTEGER) + 100`,
  ),
  diameter_um: `diameter_um + CAST(100 * ${around(28)} AS INTEGER)`,
  height_um: `height_um + CAST(100 * ${around(30)} AS INTEGER)`,
  width_um: `width_um + CAST(500 * ${around(32)} AS INTEGER)`,
  thickness_um: `CASE WHEN width_um IS NOT NULL THEN max(400, CAST(nominal_mv * capacity * 1e12 / mwh_per_l / width_um / height_um * (1 + 0.1 * ${around(34)}) AS INTEGER)) END`,
  minimum_charging_temperature_mdegc: known(70, 36, '0'),
  maximum_charging_temperature_mdegc: known(70, 36, '45000'),
  minimum_discharging_temperature_mdegc: known(75, 37, `-20000 - 10000 * CAST(2 * ${lot(38)} AS INTEGER)`),
  maximum_discharging_temperature_mdegc: known(75, 37, `60000 + 5000 * CAST(4 * ${lot(39)} AS INTEGER)`),
  un383_report: known(35, 40, "printf('UN38.3-%07d', n)"),
  source_url: "printf('https://example.com/sheets/%06d.pdf', p)",
  source_title: known(80, 41, "'Product specification'"),
  source_retrieved_on: "'2026-11-01'",
  verification: `CASE WHEN ${lot(42)} < 0.5 THEN 'datasheet' WHEN ${lot(42)} < 0.8 THEN 'secondary' ELSE 'unverified' END`,
}

function insertBatteries(from: number, to: number): string {
  return `WITH RECURSIVE ${numbers(from, to)},
kinds AS MATERIALIZED (SELECT key AS percent, ${kindFields.map((field) => `value->>'${field}' AS ${field}`).join(', ')} FROM json_each(${text(kindByPercent)})),
sized AS MATERIALIZED (SELECT lots.*, (n + ${BATTERIES_PER_PRODUCT - 1}) / ${BATTERIES_PER_PRODUCT} AS p, kinds.*, max(1, CAST(mah * (1 + spread * ${around(4)} / 100) / 10 AS INTEGER) * 10 + CAST(10 * ${lot(6)} AS INTEGER) % 5) AS capacity
  FROM lots CROSS JOIN kinds ON kinds.percent = CAST(100 * ${lot(7)} AS INTEGER)),
drawn AS (SELECT sized.*, manufacturer, max(1, capacity * deci_c / 10) AS discharge FROM sized CROSS JOIN products ON products.id = p)
INSERT INTO lithium_ion_batteries (${Object.keys(batteryExpressions).join(', ')})
SELECT ${Object.values(batteryExpressions).join(',\n  ')}
FROM drawn`
}

/** Statements that insert `count` batteries and the products they are sold as into empty tables. */
export function generatedRows(count: number): string[] {
  const statements: string[] = []
  function ranges(total: number, add: (from: number, to: number) => string): void {
    for (let from = 1; from <= total; from += ROWS_PER_STATEMENT)
      statements.push(add(from, Math.min(total, from + ROWS_PER_STATEMENT - 1)))
  }
  ranges(Math.ceil(count / BATTERIES_PER_PRODUCT), insertProducts)
  ranges(count, insertBatteries)
  return statements
}
