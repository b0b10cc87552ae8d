/** Folders and files for data of this program. */
import { mkdir, open } from 'node:fs/promises'
import { codeOf, systemError } from './system-errors.ts'

/** Creates `path` and what is missing above it, for its owner only (0700). @throws VoltdropError `not_writable`. */
export async function createPrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    // Only a folder that exists is no error to mkdir.
    if (codeOf(error) === 'EEXIST') throw systemError(notAFolder(error), path, 'not_writable')
    throw systemError(error, path, 'not_writable')
  }
}

function notAFolder(cause: unknown): Error {
  return Object.assign(new Error('not a folder', { cause }), { code: 'ENOTDIR' })
}

/** Opens `path` for writing and closes it again; creates it, empty and for its owner only (0600), where it is missing. @throws VoltdropError `not_writable`. */
export async function createPrivateFile(path: string): Promise<void> {
  try {
    await (await open(path, 'a', 0o600)).close()
  } catch (error) {
    throw systemError(error, path, 'not_writable')
  }
}
