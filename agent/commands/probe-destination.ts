/** Tries where a file will go before anything is asked, spent or shown. */
import { resolveOut } from '../files/destination.ts'
import { createPartFile } from '../files/part-file.ts'

/** The name whose creation is tried; no file of that name ever appears. */
const PROBE_NAME = '.voltdrop-probe'

export type Place = {
  readonly folder: string
  /** The name on the line; undefined: the file's own. */
  readonly saveAs: string | undefined
}

/** What `--out` means. @throws VoltdropError `not_writable`, `disk_full`; `file_exists` when a new name is needed and is taken. */
export async function requireDestination(out: string | undefined, name: 'new' | 'any'): Promise<Place> {
  const place = await resolveOut(out)
  const probed = name === 'new' ? (place.saveAs ?? PROBE_NAME) : PROBE_NAME
  await (await createPartFile(place.folder, probed, 0)).discard()
  return place
}
