/** `voltdrop help [COMMAND]`: what can be typed, on stdout. */
import { unknownCommand } from '../command-line/arguments.ts'
import { commandTables } from '../command-line/command-tables.ts'
import { commandHelp, generalHelp } from '../command-line/help-text.ts'
import type { Context } from '../context.ts'

/** @throws VoltdropError `usage` for a topic that is not a command. */
export function help(topic: string | undefined, { print }: Context): void {
  if (topic === undefined) return print(generalHelp())
  const table = commandTables.find(({ name }) => name === topic)
  if (table === undefined) throw unknownCommand(topic)
  print(commandHelp(table))
}
