/**
 * CHECK constraints made from protocol/catalogue/columns.ts. A CHECK passes for NULL, so that only NOT NULL excludes it.
 */
import { sql } from 'drizzle-orm'
import { check } from 'drizzle-orm/sqlite-core'
import type { ColumnFacts, ColumnTable, Range } from '../../protocol/catalogue/column-facts.ts'
import { URL_CHARACTERS } from '../../protocol/catalogue/columns.ts'

/** The number of changes of a row, from its creation on. */
const VERSIONS: Range = [1, 1_000_000_000]

const CONTROLS = "'*[' || char(1) || '-' || char(31) || ']*'"

/** Whole numbers within a range. SQLite would store a text or a fraction in an INTEGER column; typeof refuses both. */
function isWithin(column: string, [least, greatest]: Range): string {
  return `${column} IS NULL OR (typeof(${column}) = 'integer' AND ${column} BETWEEN ${least} AND ${greatest})`
}

/** Text of 1 to `longest` characters without blanks at its ends or control characters. */
function isText(column: string, longest: number): string {
  return `typeof(${column}) IN ('text', 'null') AND length(${column}) BETWEEN 1 AND ${longest} AND ${column} = trim(${column}) AND ${column} NOT GLOB ${CONTROLS}`
}

/** Words of a vocabulary as a list of SQL: `('cell', 'pack')`. */
export function sqlList(values: readonly string[]): string {
  return `(${values.map((value) => `'${value}'`).join(', ')})`
}

function isOneOf(column: string, values: readonly string[]): string {
  return `${column} IN ${sqlList(values)}`
}

/** A column's constraint: the end of its name, and its condition. Undefined for a column without one. */
function condition(column: string, facts: ColumnFacts): readonly [name: string, sql: string] | undefined {
  switch (facts.type) {
    case 'name':
    case 'text':
    case 'condition':
      return [column, isText(column, facts.longest)]
    case 'url':
      return [column, `${column} GLOB 'https://?*' AND length(${column}) <= ${URL_CHARACTERS}`]
    case 'choice':
      return [column, isOneOf(column, facts.values)]
    case 'measure':
    case 'count':
      return [column, isWithin(column, facts.range)]
    case 'date': // what SQLite's own date() gives back unchanged
      return [column, `${column} IS NULL OR ${column} IS date(${column})`]
    case 'gtin':
      return [
        'gtin_form',
        `${column} IS NULL OR (${column} NOT GLOB '*[^0-9]*' AND length(${column}) IN (8, 12, 13, 14))`,
      ]
    case 'wikidata':
      return [
        'wikidata_form',
        `${column} IS NULL OR (${column} GLOB 'Q[1-9]*' AND substr(${column}, 2) NOT GLOB '*[^0-9]*')`,
      ]
    default:
      return undefined
  }
}

/** A constraint, whose name begins with that of the table. */
export function checkOf(table: string, name: string, condition: string) {
  return check(`${table}_${name}`, sql.raw(condition))
}

export function oneOf(table: string, column: string, values: readonly string[]) {
  return checkOf(table, column, isOneOf(column, values))
}

/** The constraints of single columns, `version` included. */
export function columnChecks(table: string, columns: ColumnTable) {
  const conditions = Object.entries(columns)
    .map(([column, facts]) => condition(column, facts))
    .filter((found) => found !== undefined)
  return [...conditions, ['version', isWithin('version', VERSIONS)] as const].map(([name, sql]) =>
    checkOf(table, name, sql),
  )
}
