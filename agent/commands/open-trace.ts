/** The file that `--trace` names, for every command that opens a connection. */
import { createTraceFile, type TraceFile } from '../files/trace-file.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Undefined without the option. @throws VoltdropError `file_exists`, `not_writable`. */
export async function openTrace(
  path: string | undefined,
  terminal: Terminal,
): Promise<TraceFile | undefined> {
  if (path === undefined) return undefined
  return createTraceFile(path, (text) => terminal.report({ t: 'warning', text }))
}
