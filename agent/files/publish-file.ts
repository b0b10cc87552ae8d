/** Gives a complete file its final name: never over another file, and so that the name survives a power cut. */
import { constants } from 'node:fs'
import { link, open, rename, unlink } from 'node:fs/promises'
import { codeOf } from './system-errors.ts'
import { EXCLUSIVE_WRITE } from './exclusive-write.ts'

/** FAT, exFAT and some network and phone file systems have no hard links and answer one of these (errno(3)). */
const NO_HARD_LINKS: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EINVAL',
  'EMLINK',
])

/**
 * Gives the file at `from` the name `to`, which must be free; rejects with the system's EEXIST otherwise. The file may keep its old
 * name as well. `rename` alone would replace whatever is there, and checking first would leave a gap.
 */
export async function nameWithoutOverwriting(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (!NO_HARD_LINKS.has(codeOf(error))) throw error
    await claimAndRename(from, to)
  }
}

/** For file systems without hard links: creates an empty file under the name, then replaces that one at once. */
export async function claimAndRename(from: string, to: string): Promise<void> {
  const claim = await open(to, EXCLUSIVE_WRITE, 0o600)
  await claim.close()
  try {
    await rename(from, to)
  } catch (error) {
    await unlink(to)
    throw error
  }
}

/** Makes a new name in `folder` durable, where the system can sync folders. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY).catch(() => undefined) // writable, but not readable
  try {
    await handle?.sync()
  } catch {
    // Some systems cannot sync a folder. The file itself is synced and has its name: that is no failure.
  } finally {
    await handle?.close()
  }
}
