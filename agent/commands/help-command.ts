/** `voltdrop help [COMMAND]`: what can be typed, on stdout. */
import { unknownCommand } from '../command-line/arguments.ts'
import { commandTables } from '../command-line/command-tables.ts'
import { commandHelp, generalHelp } from '../command-line/help-text.ts'
import type { Context } from '../context.ts'

/** @throws VoltdropError `usage` for a topic that is not a command. */
export function help(topic: string | undefined, { terminal }: Context): void {
  terminal.report({ t: 'help', text: helpOn(topic) })
}

function helpOn(topic: string | undefined): string {
  if (topic === undefined) return generalHelp()
  const table = commandTables.find(({ name }) => name === topic)
  if (table === undefined) throw unknownCommand(topic)
  return commandHelp(table)
}
