/** Folders and files for data of this program. */
import { chmodSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { VoltdropError } from '../../../protocol/errors.ts'
import { makeFolder } from '../make-folder.ts'
import { systemError } from '../system-errors.ts'

/** Group and others. */
const NOT_OWNER = 0o077

/** Creates `path` and what is missing above it, for its owner only (0700). @throws VoltdropError `not_writable`, `disk_full`. */
export function createPrivateFolder(path: string): void {
  try {
    makeFolder(path, 0o700)
  } catch (error) {
    throw systemError(error, path, 'not_writable')
  }
}

/**
 * The same, and sees to it that one which is there is a folder of this user that nobody else may enter. At once, because something must
 * not leave this machine before. Windows has no file modes: there the user's profile protects it.
 * @throws VoltdropError `not_writable`, `disk_full`.
 */
export function ensurePrivateFolder(path: string): void {
  createPrivateFolder(path)
  if (process.getuid === undefined) return
  try {
    const { mode, uid } = statSync(path)
    if (uid !== process.getuid())
      throw new VoltdropError('not_writable', `${path}: it belongs to another user`)
    if ((mode & NOT_OWNER) !== 0) chmodSync(path, 0o700)
  } catch (error) {
    throw systemError(error, path, 'not_writable')
  }
}

/**
 * Opens `path` for writing and closes it again; creates it, empty and for its owner only (0600), where it is missing.
 * @throws VoltdropError `not_writable`.
 */
export async function createPrivateFile(path: string): Promise<void> {
  try {
    await (await open(path, 'a', 0o600)).close()
  } catch (error) {
    throw systemError(error, path, 'not_writable')
  }
}
