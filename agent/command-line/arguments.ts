/** Splits a command line, finds its command, and parses it by the command's table. No other code interprets argv. */
import { parseArgs } from 'node:util'
import { askOptions, commonOptions, type Output, outputOptions } from './options/common-options.ts'
import { type Command, commandTables } from './command-tables.ts'
import type { CommandTable } from './define-command.ts'
import { nearestName } from './nearest-name.ts'
import { type Environment, type Line, type OptionEntry, readOptions } from './option-table.ts'
import { usage } from './option-values.ts'

export type { Command } from './command-tables.ts'
export type { Output } from './options/common-options.ts'
export type { ImportCommand } from './options/import-options.ts'
export type { Environment } from './option-table.ts'
export type { ExportRequest, Route } from './options/shared-options.ts'

/** Why something is empty, mostly. What is meant by it is never guessed: `--out "$FOLDER"` must not become the current folder. */
const UNSET = '; is a variable of the shell not set?'

/**
 * The command in `args` (argv without the program). Options may come before and after its name and between words; `--` ends them.
 * Throws `usage` with what is not understood; nothing is opened or sent before the whole line has been accepted.
 */
export function parseArguments(args: readonly string[], environment: Environment): Command {
  const { tokens, words } = split(args)
  if (words.includes('')) throw usage(`a word of the line is empty${UNSET}`)
  const [name, ...rest] = words
  const table = commandTables.find((known) => known.name === name)
  const options = new Map<string, string[]>()
  for (const token of tokens) {
    const entry = requireOption(token, table)
    options.set(entry.name, [...(options.get(entry.name) ?? []), requireValue(token, entry)])
  }
  const line: Line = { options, words: rest, environment }
  const asked = readOptions(askOptions, line)
  const output = readOptions(outputOptions, line)
  if (asked.version) return { name: 'version', ...output }
  if (asked.help && (table !== undefined || name === undefined))
    return { name: 'help', topic: name, ...output }
  if (table !== undefined) return table.read(line)
  if (name !== undefined) throw unknownCommand(name)
  if (args.length === 0) return { name: 'help', topic: undefined, ...output }
  throw usage(`a command is expected: one of ${commandNames().join(', ')}`)
}

/** The output options of any line, including one that `parseArguments` refuses. Never throws. */
export function outputOf(args: readonly string[], environment: Environment): Output {
  const options = new Map(split(args).tokens.map(({ name }) => [name, ['']]))
  return readOptions(outputOptions, { options, words: [], environment })
}

/** What was typed is not repeated: in place of a command people type a code, and errors end up in logs. */
export function unknownCommand(name: string): Error {
  if (/^\d/.test(name))
    return usage('a command comes first; to take the file that waits under a code: voltdrop receive')
  const hint = didYouMean(name, commandNames(), '')
  return usage(
    `there is no such command${hint === '' ? `; one of ${commandNames().join(', ')} is expected` : hint}`,
  )
}

function commandNames(): string[] {
  return commandTables.map((table) => table.name)
}

/** One option as typed. */
type Token = {
  readonly name: string
  /** `--name` or `-n`. */
  readonly raw: string
  readonly value: string | undefined
  /** The value is attached, so it may begin with a dash. */
  readonly inline: boolean
}

/**
 * An option takes a value in every command or in none, so a line can be split before its command is known. Never throws: an
 * option that no command has is taken for a switch.
 */
function split(args: readonly string[]): {
  readonly tokens: readonly Token[]
  readonly words: readonly string[]
} {
  const options = Object.fromEntries(
    allOptions().map(({ name, short, argument }) => {
      const type = argument === undefined ? ('boolean' as const) : ('string' as const)
      return [name, short === undefined ? { type } : { type, short }]
    }),
  )
  const line = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const tokens = line.tokens.flatMap((token) => {
    if (token.kind !== 'option') return []
    const { name, rawName, value, inlineValue } = token
    return [{ name, raw: rawName, value, inline: inlineValue === true }]
  })
  return { tokens, words: line.positionals }
}

/** The options of `table` and those of every command. */
function optionsOf(table: CommandTable): OptionEntry[] {
  const entries = [...Object.values(table.options), ...Object.values(commonOptions)]
  return entries.flatMap((entry) => ('name' in entry ? [entry] : []))
}

function allOptions(): OptionEntry[] {
  return commandTables.flatMap(optionsOf)
}

/** Without a known command the options of all commands are allowed. */
function requireOption({ name, raw }: Token, table: CommandTable | undefined): OptionEntry {
  const known = table === undefined ? allOptions() : optionsOf(table)
  const entry = known.find((option) => option.name === name)
  if (entry !== undefined) return entry
  const takers = commandTables.filter((other) => optionsOf(other).some((option) => option.name === name))
  const hint =
    takers.length > 0
      ? `; it belongs to ${takers.map((taker) => taker.name).join(' and ')}`
      : didYouMean(
          name,
          known.map((option) => option.name),
          '--',
        )
  // A letter that no option has is more likely the name of a file.
  const file = /^-[^-]/.test(raw) && hint === '' ? '; a name that begins with a dash is written ./-…' : ''
  throw usage(`${table?.name ?? 'voltdrop'} has no option '${raw}'${hint}${file}`)
}

/** The text of the option's value, empty for a switch. */
function requireValue({ raw, value, inline }: Token, { argument }: OptionEntry): string {
  if (argument === undefined) {
    if (value !== undefined) throw usage(`${raw} takes no value`)
    return ''
  }
  if (value === undefined) throw usage(`${raw} needs a value: ${raw} ${argument}`)
  if (value === '') throw usage(`${raw} is empty${UNSET}`)
  // In `--out --yes` the value was probably forgotten; one that really begins with a dash must be attached.
  if (!inline && value.length > 1 && value.startsWith('-')) {
    const attached = raw.startsWith('--') ? `${raw}=${value}` : `${raw}${value}`
    throw usage(`${raw} is followed by ${value}; if that is its value, write ${attached}`)
  }
  return value
}

/** `; did you mean NAME?` when one of `names` is near. */
function didYouMean(typed: string, names: readonly string[], prefix: string): string {
  const meant = nearestName(typed, names)
  return meant === undefined ? '' : `; did you mean ${prefix}${meant}?`
}
