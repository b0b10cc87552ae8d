/**
 * Files on this machine: what is sent and where received files go. The only file that imports node:fs.
 * A file being received is `.voltdrop-<random>.part` in the destination folder. It is removed on every failure this
 * process survives; a process that is killed leaves it behind, and it can be deleted.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, lstat, open, rename, stat, statfs, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { VoltdropError } from '../../protocol/errors.ts'
import { nearestSafeName, safeName } from '../../protocol/transfer/safe-name.ts'
import type { Destination, PartFile, SourceFile } from '../../peer/files.ts'
import { formatBytes } from '../terminal/progress.ts'
import { codeOf, systemError } from './system-errors.ts'

/** Left free on the destination's file system: a received file never fills it to the last byte. */
const RESERVED_BYTES = 16 * 1024 * 1024

/** Free space is looked at again each time this much has been written: others write there too. */
const SPACE_CHECK_BYTES = 256 * 1024 * 1024

/** Absent on Windows, where `O_EXCL` alone has to do. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
const NON_BLOCKING = constants.O_NONBLOCK ?? 0

/** Opens a regular file for sending. `offerAs` replaces the name, which otherwise is the file's own made safe. Rejects with `source_unreadable`, or `usage` for a name nobody could accept. */
export async function openSource(path: string, offerAs?: string): Promise<SourceFile> {
  const name = offerAs === undefined ? nearestSafeName(basename(resolve(path))) : safeName(offerAs)
  if (name === undefined)
    throw new VoltdropError('usage', 'a name for the receiver must be a plain file name')
  // Opening a pipe would otherwise wait for its writer.
  const handle = await open(path, constants.O_RDONLY | NON_BLOCKING).catch((error) => {
    throw systemError(error, path, 'source_unreadable')
  })
  try {
    const opened = await handle.stat({ bigint: true })
    if (!opened.isFile()) throw new VoltdropError('source_unreadable', `${path} is not a regular file`)
    return sourceFile(handle, path, name, opened)
  } catch (error) {
    await handle.close()
    throw systemError(error, path, 'source_unreadable')
  }
}

type Identity = {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
}

function sourceFile(handle: FileHandle, path: string, name: string, opened: Identity): SourceFile {
  function changed(cause?: unknown): VoltdropError {
    return new VoltdropError('source_changed', path, { cause })
  }
  return {
    name,
    size: Number(opened.size),
    mtimeMs: Number(opened.mtimeNs / 1_000_000n),
    async read(offset, length) {
      const bytes = Buffer.allocUnsafe(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await handle
          .read(bytes, filled, length - filled, offset + filled)
          .catch((error) => {
            throw systemError(error, path, 'source_unreadable')
          })
        if (bytesRead === 0) throw changed()
        filled += bytesRead
      }
      return bytes
    },
    async verifyUnchanged() {
      const now = await stat(path, { bigint: true }).catch((error) => {
        throw changed(error)
      })
      const same =
        now.dev === opened.dev &&
        now.ino === opened.ino &&
        now.size === opened.size &&
        now.mtimeNs === opened.mtimeNs
      if (!same) throw changed()
    },
    close: () => handle.close(),
  }
}

/** Refuses a file that others than its owner may read or write; where there are no modes, nothing. */
export async function requirePrivate(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const { mode } = await stat(path).catch((error) => {
    throw systemError(error, path, 'source_unreadable')
  })
  if ((mode & 0o077) !== 0) throw new VoltdropError('usage', `${path} can be read by others: chmod 600 it`)
}

/** Received files go into `folder`, under the name offered or, if given, under `saveAs`. */
export function openDestination(folder: string, saveAs?: string): Destination {
  return {
    create: (entry) => createPartFile(folder, saveAs ?? entry.path, entry.size, entry.mtime_ms),
  }
}

/**
 * Begins a file that will be `name` in `folder`, a single component. `sizeBytes` is what it is expected to need.
 * Rejects with `file_exists`, `disk_full` or `not_writable` before anything is written.
 */
export async function createPartFile(
  folder: string,
  name: string,
  sizeBytes: number,
  mtimeMs?: number,
): Promise<PartFile> {
  if (basename(name) !== name || name === '' || name === '.' || name === '..') {
    throw new VoltdropError('usage', 'a file name to save under must be one component')
  }
  const target: Target = {
    folder: resolve(folder),
    finalPath: join(resolve(folder), name),
    partPath: join(resolve(folder), `.voltdrop-${randomBytes(8).toString('hex')}.part`),
    sizeBytes,
    mtimeMs,
  }
  await requirePlace(target.folder, name, sizeBytes)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW
  const handle = await open(target.partPath, flags, 0o600).catch((error) => {
    throw systemError(error, target.folder, 'not_writable')
  })
  return new DiskPartFile(handle, target)
}

/**
 * Rejects as `createPartFile` would, and creates nothing: what cannot be saved is said before a person is asked about it. Looking
 * at it is no promise: whether the name is still free decides when the file gets it.
 */
export async function requirePlace(folder: string, name: string, sizeBytes: number): Promise<void> {
  await requireFolder(folder)
  await refuseExisting(join(folder, name))
  await requireSpace(folder, sizeBytes)
}

type Target = {
  readonly folder: string
  readonly finalPath: string
  readonly partPath: string
  readonly sizeBytes: number
  readonly mtimeMs: number | undefined
}

class DiskPartFile implements PartFile {
  #handle: FileHandle
  #target: Target
  #written = 0
  #checkSpaceAt = SPACE_CHECK_BYTES

  constructor(handle: FileHandle, target: Target) {
    this.#handle = handle
    this.#target = target
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset !== this.#written) throw new VoltdropError('internal', 'a part file is written in order')
    if (offset >= this.#checkSpaceAt) {
      this.#checkSpaceAt += SPACE_CHECK_BYTES
      await requireSpace(this.#target.folder, Math.max(0, this.#target.sizeBytes - offset))
    }
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, offset + done)
        done += bytesWritten
      }
    } catch (error) {
      throw systemError(error, this.#target.partPath, 'not_writable')
    }
    this.#written += bytes.length
  }

  async publish(): Promise<string> {
    const { folder, partPath, finalPath } = this.#target
    try {
      await this.#dress()
      await this.#handle.sync()
      await nameWithoutOverwriting(partPath, finalPath)
      await this.discard() // the file has its second name by now
      await syncFolder(folder)
      return finalPath
    } catch (error) {
      throw systemError(error, finalPath, 'not_writable')
    }
  }

  async discard(): Promise<void> {
    // Both may have happened before; and what cannot be closed or removed must not hide why it should be.
    await this.#handle.close().catch(() => {})
    await unlink(this.#target.partPath).catch(() => {})
  }

  /** Never executable, whatever the sender's file was. */
  async #dress(): Promise<void> {
    const { mtimeMs } = this.#target
    // File systems without modes or with a narrower calendar refuse; the content is what matters.
    await this.#handle.chmod(0o644 & ~process.umask()).catch(() => {})
    if (mtimeMs !== undefined) await this.#handle.utimes(Date.now() / 1000, mtimeMs / 1000).catch(() => {})
  }
}

/**
 * Gives the file at `from` the name `to`, which must be free: `file_exists` otherwise. The file may keep the old name
 * as well. `rename` alone would replace whatever is there, and checking first would leave a gap.
 */
async function nameWithoutOverwriting(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    // FAT, exFAT and some network and phone file systems have no hard links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK'].includes(codeOf(error) ?? ''))
      throw error
    await claimAndRename(from, to)
  }
}

/** The way for file systems without hard links: an empty file claims the name, then the real one replaces our claim at once. */
export async function claimAndRename(from: string, to: string): Promise<void> {
  const claim = await open(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, 0o600)
  await claim.close()
  try {
    await rename(from, to)
  } catch (error) {
    await unlink(to)
    throw error
  }
}

/** Makes the new name survive a power cut, where folders can be synced at all. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY).catch(() => undefined) // a folder one may write but not list
  try {
    await handle?.sync()
  } catch {
    // Some systems sync no folders. The file itself is synced and stands: calling that a failure would be wrong.
  } finally {
    await handle?.close()
  }
}

/** Refuses what is no folder, and a symbolic link to one: it could be pointed elsewhere while we write. */
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

async function requireSpace(folder: string, neededBytes: number): Promise<void> {
  const space = await statfs(folder, { bigint: true }).catch((error) => {
    throw systemError(error, folder, 'not_writable')
  })
  if (space.blocks === 0n) return // a file system that does not count
  const freeBytes = space.bavail * space.bsize
  if (freeBytes < BigInt(neededBytes) + BigInt(RESERVED_BYTES)) {
    throw new VoltdropError(
      'disk_full',
      `${formatBytes(neededBytes)} and ${formatBytes(RESERVED_BYTES)} in reserve are needed, ${formatBytes(Number(freeBytes))} are free in ${folder}`,
    )
  }
}

/** Where `--out` points: an existing folder takes a file under its own name; anything else is the new file's name in its folder. */
export async function resolveOut(out = '.'): Promise<{ folder: string; saveAs: string | undefined }> {
  const path = resolve(out)
  const found = await stat(path).catch(() => undefined) // what is wrong with it shows when the file is created
  if (found?.isDirectory() === true || /[/\\]$/.test(out)) return { folder: path, saveAs: undefined }
  return { folder: dirname(path), saveAs: basename(path) }
}
