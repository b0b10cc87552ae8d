/** One command of the program: its table, and how the values of the table become what the command runs with. */
import { type Output, outputOptions } from './options/common-options.ts'
import {
  type Line,
  type OptionTable,
  type PositionalTable,
  readOptions,
  readPositionals,
  type Values,
} from './option-table.ts'
import { usage } from './option-values.ts'

/** What help and man page say about a command. */
export type CommandTable<N extends string = string> = {
  readonly name: N
  /** One line for the list of commands. */
  readonly summary: string
  /** Completes "NAME takes ...", for a line with too many or too few words. */
  readonly takes: string
  /** What follows the name, a line for each form; default: the placeholders. */
  readonly usage?: readonly string[]
  readonly description: string
  readonly positionals: PositionalTable
  readonly options: OptionTable
  /** Options that help shows under a heading of their own: a part of `options`. */
  readonly sections?: readonly { readonly heading: string; readonly options: OptionTable }[]
  /** Environment variables that the command passes on unchanged, with what they mean. */
  readonly settings?: Readonly<Record<string, string>>
  readonly examples: readonly { readonly line: string; readonly help: string }[]
}

type Definition<N extends string, P, O, R> = CommandTable<N> & {
  readonly positionals: P
  readonly options: O
  /** Throws `usage` for values that exclude each other. `typed`: what is on the line itself, by property. */
  readonly build: (values: Values<P> & Values<O>, typed: ReadonlySet<keyof P | keyof O>) => R
}

export type CommandDefinition<N extends string, R> = CommandTable<N> & {
  /** Throws `usage` with the first thing in `line` that the command does not take. */
  read(line: Line): { readonly name: N } & Output & R
}

export function defineCommand<
  const N extends string,
  const P extends PositionalTable,
  const O extends OptionTable,
  R,
>(definition: Definition<N, P, O, R>): CommandDefinition<N, R> {
  const { build, ...table } = definition
  return {
    ...table,
    read(line) {
      requireWords(table, line.words.length)
      const values = { ...readPositionals(table.positionals, line), ...readOptions(table.options, line) }
      return {
        name: table.name,
        ...readOptions(outputOptions, line),
        ...build(values, typedIn(table, line)),
      }
    },
  }
}

function requireWords({ name, takes, positionals }: CommandTable, count: number): void {
  const entries = Object.values(positionals)
  const required = entries.filter((entry) => entry.required === true).length
  const most = entries.at(-1)?.takesRest ? Infinity : entries.length
  if (count < required || count > most) throw usage(`${name} takes ${takes}`)
}

function typedIn<P extends PositionalTable, O extends OptionTable>(
  { positionals, options }: { readonly positionals: P; readonly options: O },
  line: Line,
): ReadonlySet<keyof P | keyof O> {
  const words: (keyof P)[] = Object.keys(positionals).slice(0, line.words.length)
  const typed: (keyof O)[] = Object.entries(options).flatMap(([key, entry]) =>
    'name' in entry && line.options.has(entry.name) ? [key] : [],
  )
  return new Set([...words, ...typed])
}
