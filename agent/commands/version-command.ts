/** `voltdrop version`: the program's version, on stdout. */
import type { Context } from '../context.ts'
import { VERSION } from '../version.ts'

export function version({ terminal }: Context): void {
  terminal.report({ t: 'version', version: VERSION })
}
