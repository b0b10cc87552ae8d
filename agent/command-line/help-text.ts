/** The help of the program and of each command, laid out for 80 columns from the tables. */
import { exitMeanings } from '../exit-codes.ts'
import { wrapText } from '../terminal/wrap-text.ts'
import { commonOptions, terminalVariables } from './options/common-options.ts'
import { edgeSettings } from './options/edge-options.ts'
import { commandTables } from './command-tables.ts'
import type { CommandTable } from './define-command.ts'
import type { OptionEntry, OptionTable, PositionalEntry, VariableEntry } from './option-table.ts'

const WIDTH = 80
/** A longer left side has its text on the next line. */
const MAX_LEFT_WIDTH = 26
const MARGIN = '  '
/** Between the two sides of a row. */
const GAP = 2

type Row = readonly [left: string, text: string]

export const ABOUT = 'voltdrop hands a file from one server to another directly, and proves that it arrived.'

/** `voltdrop send FILE`, a line for each form. */
export function usageLines({ name, usage, positionals }: CommandTable): string[] {
  const forms = usage ?? [
    Object.values(positionals)
      .map(({ argument, required }) => (required ? argument : `[${argument}]`))
      .join(' '),
  ]
  return forms.map((form) => `voltdrop ${name} ${form}`.trimEnd())
}

/** `-o, --out PATH`. */
export function optionLabel({ name, short, argument }: OptionEntry): string {
  const long = argument === undefined ? `--${name}` : `--${name} ${argument}`
  return short === undefined ? long : `-${short}, ${long}`
}

/** The sentence of an entry, and what else its table says. */
export function entryText(entry: OptionEntry | PositionalEntry): string {
  const facts = [
    entry.environment === undefined ? undefined : `or ${entry.environment}`,
    'default' in entry && entry.default !== undefined ? `default: ${entry.default}` : undefined,
    'repeatable' in entry ? 'may be repeated' : undefined,
  ].filter((fact) => fact !== undefined)
  return facts.length === 0 ? entry.help : `${entry.help} (${facts.join('; ')})`
}

export type HelpSection = {
  readonly heading: string
  readonly options: readonly OptionEntry[]
}

/** The command's options in the order of its table; those with a heading of their own come after the others. */
export function optionSections(table: CommandTable): HelpSection[] {
  const headed = table.sections ?? []
  const others = Object.entries(table.options).filter(
    ([key]) => !headed.some(({ options }) => Object.hasOwn(options, key)),
  )
  return [
    { heading: 'Options', options: named(Object.fromEntries(others)) },
    ...headed.map(({ heading, options }) => ({ heading, options: named(options) })),
    { heading: 'Options of every command', options: named(commonOptions) },
  ].filter(({ options }) => options.length > 0)
}

function named(table: OptionTable): OptionEntry[] {
  return Object.values(table).filter((entry) => 'name' in entry)
}

/** What the command reads from the environment alone, by name. */
export function variableRows(table: CommandTable): Row[] {
  const entries = Object.values(table.options).filter((entry): entry is VariableEntry => !('name' in entry))
  return [
    ...entries.map(({ environment, help }): Row => [environment, help]),
    ...Object.entries(table.settings ?? {}),
  ]
}

/** Every variable of the environment that the program reads, with the commands to which it belongs; settings of the edge apart. */
export function environmentRows(): Row[] {
  const meanings = new Map<string, { text: string; commands: string[] }>()
  for (const table of commandTables) {
    for (const [variable, text] of variablesOf(table)) {
      const known = meanings.get(variable) ?? { text, commands: [] }
      meanings.set(variable, { ...known, commands: [...known.commands, table.name] })
    }
  }
  const own = [...meanings].map(([name, { text, commands }]): Row => [
    name,
    `${text} (${commands.join(', ')})`,
  ])
  return [...own, ...Object.entries(terminalVariables)]
}

function variablesOf({ options, positionals, settings = {} }: CommandTable): Row[] {
  const inPlace = [...Object.values(options), ...Object.values(positionals)].flatMap((entry): Row[] =>
    entry.environment === undefined ? [] : [[entry.environment, variableText(entry)]],
  )
  return [...inPlace, ...Object.entries(settings).filter(([name]) => !Object.hasOwn(edgeSettings, name))]
}

function variableText(entry: OptionEntry | VariableEntry | PositionalEntry): string {
  if ('name' in entry) return `in place of --${entry.name}: ${entry.help}`
  return 'argument' in entry ? `in place of ${entry.argument}: ${entry.help}` : entry.help
}

/** The words that the command takes, by placeholder. */
export function argumentRows({ positionals }: CommandTable): Row[] {
  return Object.values(positionals).map((entry) => [entry.argument, entryText(entry)])
}

/** The help of one command. */
export function commandHelp(table: CommandTable): string {
  const sections = optionSections(table).map(({ heading, options }) => ({
    heading,
    rows: options.map((option): Row => [aligned(option), entryText(option)]),
  }))
  const indent = indentOf(sections.flatMap(({ rows }) => rows))
  return paragraphs([
    usageLines(table).join('\n'),
    wrap(table.description, 0),
    section('Arguments', argumentRows(table), indent),
    ...sections.map(({ heading, rows }) => section(heading, rows, indent)),
    section('Environment', variableRows(table), indent),
    examples(table),
  ])
}

/** Long names are aligned, with or without a short one before them. */
function aligned(option: OptionEntry): string {
  return option.short === undefined ? `    ${optionLabel(option)}` : optionLabel(option)
}

function examples({ examples: all }: CommandTable): string {
  if (all.length === 0) return ''
  return ['Examples', ...all.map(({ line, help }) => `  ${line}\n${wrap(help, 6)}`)].join('\n')
}

/** The help of the program: its commands, and what they have in common. */
export function generalHelp(): string {
  const commands = commandTables.map((table): Row => [usageLines(table)[0] ?? '', table.summary])
  const options = Object.values(commonOptions).map((option): Row => [aligned(option), option.help])
  const exits = Object.entries(exitMeanings).map(([code, meaning]): Row => [code.padStart(3), meaning])
  const indent = indentOf([...commands, ...options])
  return paragraphs([
    wrap(ABOUT, 0),
    section('Commands', commands, indent),
    section('Options of every command, before or after its name', options, indent),
    section('Environment', environmentRows(), indent),
    section('Exit codes', exits, indentOf(exits)),
  ])
}

/** Where the texts begin: behind the longest left side that is not too long. */
function indentOf(rows: readonly Row[]): number {
  const widths = rows.map(([left]) => left.length).filter((width) => width <= MAX_LEFT_WIDTH)
  return MARGIN.length + Math.max(0, ...widths) + GAP
}

/** A heading and its rows, with the texts in column `indent`; empty without rows. */
function section(heading: string, rows: readonly Row[], indent: number): string {
  if (rows.length === 0) return ''
  const lines = rows.map(([left, text]) => {
    const wrapped = wrap(text, indent)
    const fits = MARGIN.length + left.length + GAP <= indent
    return fits ? (MARGIN + left).padEnd(indent) + wrapped.trimStart() : `${MARGIN}${left}\n${wrapped}`
  })
  return [heading, ...lines].join('\n')
}

function paragraphs(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** `text` in lines of at most `WIDTH` characters, each after `indent` spaces. */
function wrap(text: string, indent: number): string {
  return ' '.repeat(indent) + wrapText(text, indent, WIDTH)
}
