/** Folders for data of this program. */
import { mkdir } from 'node:fs/promises'
import { systemError } from '../system-errors.ts'

/** Creates `path` and what is missing above it, for its owner only (0700). @throws VoltdropError `not_writable`. */
export async function createPrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw systemError(error, path, 'not_writable')
  }
}
