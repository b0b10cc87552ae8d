/** The name of an export's file: it says what is in it, and another revision or other parameters give another name. Pure; no zod. */
import { crc32, formatCrc32 } from '../crc32.ts'
import type { Resource } from './vocabulary.ts'

/** The readable part of the parameters is cut here: with revision and format a name stays far below the 255 bytes of file systems. */
const MAX_READABLE_CHARACTERS = 60

/** What the name is made of. `parameters`: all of the export but its format, as they are written in the address. */
export type NamedExport = {
  readonly resource: Resource
  readonly revision: number
  readonly extension: string
  readonly parameters: readonly (readonly [name: string, value: string])[]
}

/**
 * `batteries-r12.csv`, `batteries-r12-chemistry-nmc.csv`: the parameters in the order of their names. Where they cannot be read back from
 * the name (`manufacturer=LG Chem`, or too many of them), it ends with the CRC-32 of all.
 */
export function exportName({ resource, revision, extension, parameters }: NamedExport): string {
  const sorted = parameters.toSorted(([a], [b]) => (a < b ? -1 : 1))
  const readable = sorted
    .flat()
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  const isWhole =
    readable.length <= MAX_READABLE_CHARACTERS && sorted.every(([, value]) => /^[A-Za-z0-9]+$/.test(value))
  const cut = readable.slice(0, MAX_READABLE_CHARACTERS).replaceAll(/^-|-$/g, '')
  const sum = isWhole ? '' : formatCrc32(crc32(new TextEncoder().encode(JSON.stringify(sorted)), 0))
  const parts = [resource, `r${revision}`, cut, sum].filter((part) => part !== '')
  return `${parts.join('-')}.${extension}`
}
