/** `NAME.manifest.json`, beside an export: what the file is, so that it can be checked later without the edge. */
import type { ExportRequest } from '../../command-line/arguments.ts'
import type { ExportDigest } from '../../../protocol/catalogue/vocabulary.ts'
import { exportColumns } from './export-schema.ts'
import { createPartFile } from '../../files/received/part-file.ts'
import { openOwnFile } from '../../files/source-file.ts'

/** To be raised when a field changes its meaning. */
const MANIFEST_VERSION = 1

/** A manifest has a few kilobytes. */
const MAX_MANIFEST_BYTES = 65_536

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

/** The text of the manifest of the file at `path`; undefined when there is none. @throws VoltdropError `file_exists` for one of others. */
export async function readManifest(path: string): Promise<string | undefined> {
  const file = await openOwnFile(manifestPath(path))
  if (file === undefined) return undefined
  try {
    return file.size > MAX_MANIFEST_BYTES ? '' : new TextDecoder().decode(await file.read(0, file.size))
  } finally {
    await file.close()
  }
}
