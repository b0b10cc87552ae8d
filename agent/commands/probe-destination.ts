/** Tries where a file will go before anything is asked, spent or shown. */
import { resolveOut } from '../files/received/destination.ts'
import { tryDestination } from '../files/received/part-file.ts'

export type Place = {
  readonly folder: string
  /** The name on the line; undefined: the file's own. */
  readonly saveAs: string | undefined
}

/** What `--out` means. @throws VoltdropError `not_writable`, `disk_full`; `file_exists` when a new name is needed and is taken. */
export async function requireDestination(out: string | undefined, name: 'new' | 'any'): Promise<Place> {
  const place = await resolveOut(out)
  await tryDestination(place.folder, name === 'new' ? place.saveAs : undefined)
  return place
}
