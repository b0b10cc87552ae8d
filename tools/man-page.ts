/** The man page voltdrop(1), from the same tables as the help: man(7) macros, written into dist/ by tools/bundle.ts. */
import { commonOptions } from '../agent/command-line/options/common-options.ts'
import { commandTables } from '../agent/command-line/command-tables.ts'
import type { CommandTable } from '../agent/command-line/define-command.ts'
import {
  ABOUT,
  argumentRows,
  entryText,
  environmentRows,
  optionLabel,
  optionSections,
  usageLines,
  variableRows,
} from '../agent/command-line/help-text.ts'
import type { OptionEntry } from '../agent/command-line/option-table.ts'
import { exitMeanings } from '../agent/exit-codes.ts'
import { VERSION } from '../agent/version.ts'

/** The whole page as roff. */
export function manPage(): string {
  const lines = [
    `.TH VOLTDROP 1 "" "voltdrop ${VERSION}" "User Commands"`,
    '.SH NAME',
    escapeRoff('voltdrop - hand a file from one server to another directly'),
    '.SH SYNOPSIS',
    ...commandTables.flatMap(usageLines).flatMap((form) => ['.B', escapeRoff(form), '.br']),
    '.SH DESCRIPTION',
    escapeRoff(ABOUT),
    '.SH OPTIONS',
    'These are options of every command, before or after its name.',
    ...Object.values(commonOptions).flatMap(optionItem),
    '.SH COMMANDS',
    ...commandTables.flatMap(commandPart),
    '.SH ENVIRONMENT',
    ...environmentRows().flatMap(item),
    '.SH EXIT STATUS',
    ...Object.entries(exitMeanings).flatMap(item),
  ]
  return `${lines.join('\n')}\n`
}

/** A command as a subsection; what all commands have in common is not repeated. */
function commandPart(table: CommandTable): string[] {
  const sections = optionSections(table).map(({ heading, options }) => ({
    heading,
    options: options.filter((option) => !commonNames.has(option.name)),
  }))
  return [
    `.SS ${escapeRoff(`voltdrop ${table.name}`)}`,
    escapeRoff(table.description),
    ...argumentRows(table).flatMap(item),
    ...sections.flatMap(({ heading, options }) =>
      options.length === 0 ? [] : ['.PP', escapeRoff(`${heading}:`), ...options.flatMap(optionItem)],
    ),
    ...part('Environment:', variableRows(table).flatMap(item)),
    ...part(
      'Examples:',
      table.examples.flatMap(({ line, help }) => item([line, help])),
    ),
  ]
}

const commonNames: ReadonlySet<string> = new Set(Object.values(commonOptions).map(({ name }) => name))

function part(heading: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['.PP', heading, ...items]
}

function optionItem(option: OptionEntry): string[] {
  return item([optionLabel(option), entryText(option)])
}

/** A tagged paragraph: what is typed in bold, its meaning indented below. */
function item([tag, text]: readonly [tag: string, text: string]): string[] {
  return ['.TP', '.B', escapeRoff(tag), escapeRoff(text)]
}

/** Backslashes and dashes as themselves; `\&` keeps a leading dot or quote from being a request (groff(7)). */
function escapeRoff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&')
}
