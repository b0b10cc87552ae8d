/**
 * What a command accepts, as data. From a table come the type of the parsed command, the parser (arguments.ts), the help
 * (help-text.ts) and the man page (tools/man-page.ts), so a new option is one new entry.
 */

import { usage } from './option-values.ts'

/** Environment variables, handed in. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Text in, a checked value out. Throws `usage` with `option`, the text and what is expected. */
export type Parse<T> = (text: string, option: string) => T

/** `--name`, a switch, or `--name ARGUMENT`. */
export type OptionEntry = {
  readonly name: string
  readonly short?: string
  /** Placeholder of the value. Absent: a switch, false unless given. */
  readonly argument?: string
  /** Absent: the value is the text as typed. */
  readonly parse?: Parse<unknown>
  /** Gives the value when the option is absent. */
  readonly environment?: string
  /** As it would be typed: the value when neither the option nor its variable is there. */
  readonly default?: string
  /** Every occurrence counts, in the order typed; otherwise the last one. */
  readonly repeatable?: true
  /** A second occurrence is refused: neither of the two could be meant alone. */
  readonly once?: true
  readonly help: string
}

/** A value that only the environment gives: a secret in argv would be visible to every user of the machine. */
export type VariableEntry = {
  readonly environment: string
  readonly parse?: Parse<unknown>
  readonly help: string
}

/** A word of the line that is not an option. */
export type PositionalEntry = {
  /** Placeholder. */
  readonly argument: string
  readonly required?: true
  /** Takes every word that is left, joined by spaces. Only for the last entry. */
  readonly takesRest?: true
  readonly parse?: Parse<unknown>
  /** Gives the value when the word is absent. */
  readonly environment?: string
  readonly help: string
}

/** Entries by the property of the parsed command that gets their value. */
export type OptionTable = Readonly<Record<string, OptionEntry | VariableEntry>>
/** In the order in which the words are typed. */
export type PositionalTable = Readonly<Record<string, PositionalEntry>>

type Parsed<E> = E extends { readonly parse: Parse<infer T> } ? T : string

/** The type of an entry's value. */
type ValueOf<E> = E extends { readonly argument: string }
  ? E extends { readonly repeatable: true }
    ? readonly Parsed<E>[]
    : E extends { readonly default: string } | { readonly required: true }
      ? Parsed<E>
      : Parsed<E> | undefined
  : E extends { readonly name: string }
    ? boolean
    : Parsed<E> | undefined

/** The values of a table, by property. */
export type Values<T> = { readonly [K in keyof T]: ValueOf<T[K]> }

/** The values of `table` alone, out of more. */
export function pickValues<T extends OptionTable>(table: T, values: Values<T>): Values<T> {
  return Object.fromEntries(Object.keys(table).map((key) => [key, values[key as keyof T]])) as Values<T>
}

/** A line that was split into options and words, before any value was looked at. */
export type Line = {
  /** By name: the texts of each occurrence; empty ones for a switch. */
  readonly options: ReadonlyMap<string, readonly string[]>
  readonly words: readonly string[]
  readonly environment: Environment
}

/** The values of `table` in `line`. Throws `usage` for the first that cannot be parsed. */
export function readOptions<T extends OptionTable>(table: T, line: Line): Values<T> {
  const values = Object.entries(table).map(([key, entry]) => [key, optionValue(entry, line)])
  return Object.fromEntries(values) as Values<T>
}

function optionValue(entry: OptionEntry | VariableEntry, { options, environment }: Line): unknown {
  const { parse = asTyped } = entry
  if (!('name' in entry)) {
    const text = environment[entry.environment]
    return text === undefined ? undefined : parse(text, entry.environment)
  }
  const texts = options.get(entry.name)
  if (entry.argument === undefined) return texts !== undefined
  const option = `--${entry.name}`
  if (entry.repeatable) return (texts ?? []).map((text) => parse(text, option))
  if (entry.once && texts !== undefined && texts.length > 1) throw usage(`${option} is given more than once`)
  const typed = texts?.at(-1)
  if (typed !== undefined) return parse(typed, option)
  const set = fromEnvironment(entry, environment)
  if (set !== undefined) return parse(set, entry.environment ?? option)
  return entry.default === undefined ? undefined : parse(entry.default, option)
}

/** As `readOptions`, for the words; the caller has checked how many there are. */
export function readPositionals<T extends PositionalTable>(table: T, line: Line): Values<T> {
  const values = Object.entries(table).map(([key, entry], index) => {
    const word = entry.takesRest ? line.words.slice(index).join(' ') : line.words[index]
    const text = line.words[index] === undefined ? fromEnvironment(entry, line.environment) : word
    return [key, text === undefined ? undefined : (entry.parse ?? asTyped)(text, entry.argument)]
  })
  return Object.fromEntries(values) as Values<T>
}

function fromEnvironment(entry: { readonly environment?: string }, environment: Environment) {
  // A variable that is set to nothing counts as not set.
  return entry.environment === undefined ? undefined : environment[entry.environment] || undefined
}

function asTyped(text: string): string {
  return text
}
