/**
 * A file being received: `.voltdrop-<random>.part` in the destination folder until it is complete, then published under its final
 * name. It is removed after every failure that this process survives; a killed process leaves it behind, and it can be deleted.
 */
import { randomBytes } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { VoltdropError } from '../../protocol/errors.ts'
import type { Destination, PartFile } from '../../peer/files.ts'
import { requirePlace } from './destination.ts'
import { requireSpace } from './disk-space.ts'
import { EXCLUSIVE_WRITE } from './exclusive-write.ts'
import { nameWithoutOverwriting, syncFolder } from './publish-file.ts'
import { systemError } from './system-errors.ts'

/** Free space is checked again each time this much has been written: others write to the same disk. */
const SPACE_CHECK_BYTES = 256 * 1024 * 1024

/** Received files go into `folder`, under the name offered or, if given, under `saveAs`. */
export function openDestination(folder: string, saveAs?: string): Destination {
  return {
    create: (entry) => createPartFile(folder, saveAs ?? entry.path, entry.size, entry.mtime_ms),
  }
}

function partName(): string {
  return `.voltdrop-${randomBytes(8).toString('hex')}.part`
}

/**
 * Starts a file that will be `name` in `folder`, a single path component. `sizeBytes` is its expected size.
 * @throws VoltdropError `file_exists`, `disk_full` or `not_writable` before anything is written.
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
    partPath: join(resolve(folder), partName()),
    sizeBytes,
    mtimeMs,
  }
  await requirePlace(target.folder, name, sizeBytes)
  const handle = await open(target.partPath, EXCLUSIVE_WRITE, 0o600).catch((error) => {
    throw systemError(error, target.folder, 'not_writable')
  })
  return new DiskPartFile(handle, target)
}

type Target = {
  readonly folder: string
  readonly finalPath: string
  readonly partPath: string
  readonly sizeBytes: number
  readonly mtimeMs: number | undefined
}

class DiskPartFile implements PartFile {
  readonly #handle: FileHandle
  readonly #target: Target
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
      await this.#setModeAndTime()
      await this.#handle.sync()
      await nameWithoutOverwriting(partPath, finalPath)
      await this.discard() // only the name of the part file: the file has its final name by now
      await syncFolder(folder)
      return finalPath
    } catch (error) {
      throw systemError(error, finalPath, 'not_writable')
    }
  }

  async discard(): Promise<void> {
    // Both may have been done already, and a failure here must not hide the one that led here.
    await this.#handle.close().catch(() => {})
    await unlink(this.#target.partPath).catch(() => {})
  }

  /** Never executable, whatever the sender's file was. */
  async #setModeAndTime(): Promise<void> {
    const { mtimeMs } = this.#target
    // File systems without modes, or with a shorter range of dates, refuse; the content is what matters.
    await this.#handle.chmod(0o644 & ~process.umask()).catch(() => {})
    if (mtimeMs !== undefined) await this.#handle.utimes(Date.now() / 1000, mtimeMs / 1000).catch(() => {})
  }
}
