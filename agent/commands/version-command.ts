/** `voltdrop version`: the program's version, on stdout. */
import type { Context } from '../context.ts'
import { VERSION } from '../version.ts'

export function version({ print }: Context): void {
  print(`voltdrop ${VERSION}\n`)
}
