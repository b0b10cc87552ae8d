/** Folders and files for data of this program. */
import { open } from 'node:fs/promises'
import { makeFolder } from '../make-folder.ts'
import { systemError } from '../system-errors.ts'

/** Creates `path` and what is missing above it, for its owner only (0700). @throws VoltdropError `not_writable`. */
export function createPrivateFolder(path: string): void {
  try {
    makeFolder(path, 0o700)
  } catch (error) {
    throw systemError(error, path, 'not_writable')
  }
}

/** Opens `path` for writing and closes it again; creates it, empty and for its owner only (0600), where it is missing. @throws VoltdropError `not_writable`. */
export async function createPrivateFile(path: string): Promise<void> {
  try {
    await (await open(path, 'a', 0o600)).close()
  } catch (error) {
    throw systemError(error, path, 'not_writable')
  }
}
