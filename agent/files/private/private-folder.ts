/** Folders and files for data of this program. */
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, systemError } from '../system-errors.ts'

/** Creates `path` and what is missing above it, for its owner only (0700). @throws VoltdropError `not_writable`. */
export async function createPrivateFolder(path: string): Promise<void> {
  try {
    await makeFolder(path)
  } catch (error) {
    throw systemError(error, path, 'not_writable')
  }
}

/** Not by `recursive`, which tries for ever where a file system says ENOENT although the folder above exists, as /proc does. */
async function makeFolder(path: string, mayMakeAbove = true): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return requireFolder(path)
    const above = dirname(path)
    if (codeOf(error) !== 'ENOENT' || above === path || !mayMakeAbove) throw error
    await makeFolder(above)
    await makeFolder(path, false)
  }
}

async function requireFolder(path: string): Promise<void> {
  if (!(await stat(path)).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' })
}

/** Opens `path` for writing and closes it again; creates it, empty and for its owner only (0600), where it is missing. @throws VoltdropError `not_writable`. */
export async function createPrivateFile(path: string): Promise<void> {
  try {
    await (await open(path, 'a', 0o600)).close()
  } catch (error) {
    throw systemError(error, path, 'not_writable')
  }
}
