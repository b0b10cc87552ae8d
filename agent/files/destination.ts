/** Where received files go: the folder and name that `--out` means, and what must be true of them. */
import { lstat, mkdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { VoltdropError } from '../../protocol/errors.ts'
import { requireSpace } from './disk-space.ts'
import { codeOf, systemError } from './system-errors.ts'

/**
 * An existing folder takes the file under its own name, and so does one named with a separator at the end, which is created where it
 * is missing; anything else is the new file's name in its folder. @throws VoltdropError `not_writable`.
 */
export async function resolveOut(out = '.'): Promise<{ folder: string; saveAs: string | undefined }> {
  const path = resolve(out)
  const found = await stat(path).catch(() => undefined) // an unusable path is reported when the file is created
  const isFolder = out.endsWith('/') || out.endsWith(sep)
  if (isFolder && found === undefined) await createFolder(path)
  if (isFolder || found?.isDirectory() === true) return { folder: path, saveAs: undefined }
  return { folder: dirname(path), saveAs: basename(path) }
}

async function createFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    throw systemError(error, path, 'not_writable')
  }
}

/**
 * Rejects as `createPartFile` would, and creates nothing: what cannot be saved is reported before a person is asked about it. The
 * name can still be taken later; whether it is free is decided when the file is published.
 */
export async function requirePlace(folder: string, name: string, sizeBytes: number): Promise<void> {
  await requireFolder(folder)
  await refuseExisting(join(folder, name))
  await requireSpace(folder, sizeBytes)
}

/** Refuses what is not a folder, and a symbolic link to one: it could be pointed elsewhere during the transfer. */
async function requireFolder(folder: string): Promise<void> {
  const found = await lstat(folder).catch((error) => {
    throw systemError(error, folder, 'not_writable')
  })
  if (found.isSymbolicLink()) throw new VoltdropError('not_writable', `${folder} is a symbolic link`)
  if (!found.isDirectory()) throw new VoltdropError('not_writable', `${folder} is not a folder`)
}

async function refuseExisting(path: string): Promise<void> {
  const found = await lstat(path).catch((error) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw systemError(error, path, 'not_writable')
  })
  if (found) throw new VoltdropError('file_exists', path)
}
