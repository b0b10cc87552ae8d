/** Where received files go: the folder and name that `--out` means, and what must be true of them. */
import { lstat, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { VoltdropError } from '../../../protocol/errors.ts'
import { requireSpace } from './disk-space.ts'
import { fullPath, isNotUtf8 } from '../full-path.ts'
import { makeFolder } from '../make-folder.ts'
import { codeOf, systemError } from '../system-errors.ts'

/**
 * An existing folder takes the file under its own name, and so does one named with a separator at the end, which is created where it
 * is missing; anything else is the new file's name in its folder. Symbolic links on the way are followed once, here: the path that
 * they lead to has none, so that pointing them elsewhere later changes nothing.
 * @throws VoltdropError `not_possible_here` when the current folder was deleted; `not_writable`, also for a path that is not UTF-8.
 */
export async function resolveOut(out = '.'): Promise<{ folder: string; saveAs: string | undefined }> {
  const path = fullPath(out)
  if (await isNotUtf8(path))
    throw new VoltdropError('not_writable', `${path}: its name is not UTF-8; choose another folder`)
  const found = await stat(path).catch(() => undefined) // an unusable path is reported when the file is created
  const isFolder = out.endsWith('/') || out.endsWith(sep)
  if (isFolder && found === undefined) createFolder(path)
  if (isFolder || found?.isDirectory() === true) return { folder: await throughLink(path), saveAs: undefined }
  return { folder: await throughLink(dirname(path)), saveAs: basename(path) }
}

/** Where `folder` is. One that is a link of anybody but the user and the system stays what it is, and is refused later. */
async function throughLink(folder: string): Promise<string> {
  const found = await lstat(folder).catch(() => undefined)
  const trusted = found?.uid === 0 || found?.uid === (process.geteuid?.() ?? 0)
  return found?.isSymbolicLink() === true && !trusted ? folder : realOf(folder)
}

/** Some systems cannot tell: there only the last part of a path is looked at. */
function realOf(folder: string): Promise<string> {
  return realpath(folder).catch(() => folder)
}

function createFolder(path: string): void {
  try {
    makeFolder(path, 0o777)
  } catch (error) {
    throw systemError(error, path, 'not_writable')
  }
}

/**
 * Rejects when `name`, if given, is taken in `folder`, or when `sizeBytes` do not fit there. It can still be taken later: that is
 * decided when the file is published.
 */
export async function requirePlace(
  folder: string,
  name: string | undefined,
  sizeBytes: number,
): Promise<void> {
  await requireFolder(folder)
  if (name !== undefined) await refuseExisting(join(folder, name))
  await requireSpace(folder, sizeBytes)
}

/**
 * Refuses what is not a folder, and one behind a symbolic link, which could be pointed elsewhere during the transfer, or was put in the
 * place of a folder since `resolveOut`: whoever owns a folder on the way can do that.
 */
export async function requireFolder(folder: string): Promise<void> {
  const found = await lstat(folder).catch((error) => {
    throw systemError(error, folder, 'not_writable')
  })
  if (found.isSymbolicLink())
    throw new VoltdropError('not_writable', `${folder} is a symbolic link, and not one of yours to a folder`)
  if (!found.isDirectory()) throw new VoltdropError('not_writable', `${folder} is not a folder`)
  const real = await realOf(folder)
  if (real !== folder) throw new VoltdropError('not_writable', `${folder} leads to ${real} by now`)
}

async function refuseExisting(path: string): Promise<void> {
  const found = await lstat(path).catch((error) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw systemError(error, path, 'not_writable')
  })
  if (found) throw new VoltdropError('file_exists', path)
}
