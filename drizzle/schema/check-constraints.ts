/** CHECK constraints by kind of column. A CHECK that meets NULL passes: "not known" is allowed wherever NOT NULL is not said. */
import { sql } from 'drizzle-orm'
import { check } from 'drizzle-orm/sqlite-core'

function named(table: string, column: string, condition: string) {
  return check(`${table}_${column}`, sql.raw(condition))
}

/** Whole numbers within [least, greatest]. SQLite would store a text or a fraction in an INTEGER column; typeof refuses both. */
export function integerChecks(table: string, ranges: Record<string, readonly [number, number]>) {
  return Object.entries(ranges).map(([column, [least, greatest]]) =>
    named(
      table,
      column,
      `${column} IS NULL OR (typeof(${column}) = 'integer' AND ${column} BETWEEN ${least} AND ${greatest})`,
    ),
  )
}

const CONTROLS = "'*[' || char(1) || '-' || char(31) || ']*'"

/** Text of 1 to `longest` characters without blanks at its ends or control characters. */
export function textChecks(table: string, columns: readonly string[], longest: number) {
  return columns.map((column) =>
    named(
      table,
      column,
      `typeof(${column}) IN ('text', 'null') AND length(${column}) BETWEEN 1 AND ${longest} AND ${column} = trim(${column}) AND ${column} NOT GLOB ${CONTROLS}`,
    ),
  )
}

export function urlChecks(table: string, columns: readonly string[]) {
  return columns.map((column) =>
    named(table, column, `${column} GLOB 'https://?*' AND length(${column}) <= 500`),
  )
}

export function oneOf(table: string, column: string, values: readonly string[]) {
  return named(table, column, `${column} IN (${values.map((value) => `'${value}'`).join(', ')})`)
}

/** A calendar date YYYY-MM-DD: what SQLite's own date() gives back unchanged. */
export function dateCheck(table: string, column: string) {
  return named(table, column, `${column} IS NULL OR ${column} IS date(${column})`)
}
