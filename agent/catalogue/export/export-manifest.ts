/** `NAME.manifest.json`, beside an export: what the file is, so that it can be checked later without the edge. */
import * as z from 'zod/mini'
import type { ExportRequest } from '../../command-line/arguments.ts'
import type { ExportDigest } from '../../../protocol/catalogue/vocabulary.ts'
import { exportColumns } from './export-schema.ts'
import { createPartFile } from '../../files/part-file.ts'
import { readSmallFile } from '../../files/small-file.ts'

/** To be raised when a field changes its meaning. */
const MANIFEST_VERSION = 1

/** The path of the manifest of the file at `path`. */
export function manifestPath(path: string): string {
  return `${path}.manifest.json`
}

/** The manifest as text. It has no time and no address, so that the same revision and filter always give the same manifest. */
export function manifestOf(file: ExportDigest, name: string, wanted: ExportRequest): string {
  const { revision, rows, bytes, crc32, sha256 } = file
  const manifest = {
    manifest: MANIFEST_VERSION,
    file: name,
    resource: wanted.catalogue,
    format: wanted.format,
    revision,
    filter: filterOf(wanted),
    rows,
    bytes,
    crc32,
    sha256,
    schema: exportColumns(wanted.catalogue, fieldsOf(wanted)),
  }
  return `${JSON.stringify(manifest, undefined, 2)}\n`
}

/** The filters by name, sorted, whatever order they were typed in. */
function filterOf({ filters }: ExportRequest): Record<string, string> {
  return Object.fromEntries(filters.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

export function fieldsOf({ filters }: ExportRequest): string | undefined {
  return filters.find(([name]) => name === 'fields')?.[1]
}

export async function writeManifest(text: string, folder: string, name: string): Promise<void> {
  const bytes = new TextEncoder().encode(text)
  const part = await createPartFile(folder, manifestPath(name), bytes.length)
  try {
    await part.write(0, bytes)
    await part.publish()
  } catch (error) {
    await part.discard()
    throw error
  }
}

const known = z.object({
  manifest: z.literal(MANIFEST_VERSION),
  resource: z.string(),
  format: z.string(),
  revision: z.int(),
  filter: z.record(z.string(), z.string()),
  rows: z.int(),
  bytes: z.int(),
  crc32: z.string(),
  sha256: z.string(),
})

/** The digest in the manifest of the file at `path`; undefined when there is none, or it is of another export. */
export async function readManifest(
  path: string,
  wanted: ExportRequest,
  revision: number,
): Promise<ExportDigest | undefined> {
  const text = await readSmallFile(manifestPath(path)).catch(() => '') // no manifest, or not readable
  const read = z.safeParse(known, parsed(text))
  if (!read.success) return undefined
  const { rows, bytes, crc32, sha256, ...said } = read.data
  const same =
    said.resource === wanted.catalogue &&
    said.format === wanted.format &&
    said.revision === revision &&
    JSON.stringify(said.filter) === JSON.stringify(filterOf(wanted))
  return same ? { revision, rows, bytes, crc32, sha256 } : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // not JSON: not a manifest
  }
}
