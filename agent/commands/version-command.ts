/** `voltdrop version`: the program's version and the protocol's, on stdout. */
import type { Context } from '../context.ts'
import { VERSION } from '../version.ts'

export function version({ print }: Context): void {
  print(`voltdrop ${VERSION}\n`)
}
