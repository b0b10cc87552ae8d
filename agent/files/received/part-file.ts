/**
 * A file being received: `.voltdrop-<random>.part` in the destination folder until it is complete, then published under its final
 * name. It is removed after every failure, and when the program ends at once; a killed process leaves it behind, and the next one mentions it.
 */
import { randomBytes } from 'node:crypto'
import { unlinkSync } from 'node:fs'
import { open, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { VoltdropError } from '../../../protocol/errors.ts'
import type { Destination, PartFile } from '../../../peer/files.ts'
import { requireFolder, requirePlace } from './destination.ts'
import { requireFileSize, requireSpace } from './disk-space.ts'
import { EXCLUSIVE_READ_WRITE } from '../exclusive-write.ts'
import { fullPath } from '../full-path.ts'
import {
  type NamingCalls,
  type ProvenNaming,
  proveNaming,
  requireSameFile,
  syncFolder,
} from './publish-file.ts'
import { systemError } from '../system-errors.ts'

/** Free space is checked again each time this much has been written: others write to the same disk. */
const SPACE_CHECK_BYTES = 256 * 1024 * 1024

/** What every program may do with a file that it creates; the umask takes away what the user does not want. */
const FILE_MODE = 0o666

/** The names of part files, and of the files by which a destination is tried. */
export const PART_NAME = /^\.voltdrop-[0-9a-f]{16}\.part/

/** Files of this module that have no final name yet. */
const unfinished = new Set<string>()

// A second Ctrl-C, or a disk that does not answer in time, ends the program while they are still being removed.
process.once('exit', () => {
  for (const path of unfinished) {
    try {
      unlinkSync(path)
    } catch {
      // It was not made, or is gone already.
    }
  }
})

async function remove(path: string): Promise<void> {
  await unlink(path).catch(() => {}) // as above; a failure here must not hide the one that led here
  unfinished.delete(path)
}

/** Received files go into `folder`, under the name offered or, if given, under `saveAs`. */
export function openDestination(folder: string, saveAs?: string): Destination {
  return {
    create: (entry) => createPartFile(folder, saveAs ?? entry.path, entry.size, entry.mtime_ms),
  }
}

function partName(): string {
  return `.voltdrop-${randomBytes(8).toString('hex')}.part`
}

/** A free name that has as many bytes as `name`, if not more: file systems limit names by their length. */
function trialName(name: string): string {
  const start = partName()
  let end = name
  while (Buffer.byteLength(start + end) > Buffer.byteLength(name) && end !== '')
    end = Array.from(end).slice(1).join('')
  return start.padEnd(Buffer.byteLength(name) - Buffer.byteLength(end), '-') + end
}

/**
 * Starts a file that will be `name` in `folder`, a single path component. `sizeBytes` is its expected size. Everything that can
 * be known about saving it is tried first.
 * @throws VoltdropError `file_exists`, `disk_full` or `not_writable` before anything is written.
 */
export async function createPartFile(
  folder: string,
  name: string,
  sizeBytes: number,
  mtimeMs?: number,
  calls?: NamingCalls,
): Promise<PartFile> {
  if (basename(name) !== name || name === '' || name === '.' || name === '..') {
    throw new VoltdropError('usage', 'a file name to save under must be one component')
  }
  return startPart(fullPath(folder), name, sizeBytes, mtimeMs, calls)
}

/**
 * Rejects as `createPartFile` would, and leaves nothing behind: what cannot be saved is reported before a code is spent or a person is
 * asked. Without `name` any file is meant.
 */
export async function tryDestination(folder: string, name?: string, sizeBytes = 0): Promise<void> {
  const part =
    name === undefined
      ? startPart(fullPath(folder), undefined, sizeBytes)
      : createPartFile(folder, name, sizeBytes)
  await (await part).discard()
}

async function startPart(
  folder: string,
  name: string | undefined,
  sizeBytes: number,
  mtimeMs?: number,
  calls?: NamingCalls,
): Promise<PartFile> {
  await requirePlace(folder, name, sizeBytes)
  const partPath = join(folder, partName())
  unfinished.add(partPath)
  const handle = await open(partPath, EXCLUSIVE_READ_WRITE, 0o600).catch((error) => {
    unfinished.delete(partPath)
    throw systemError(error, folder, 'not_writable')
  })
  // Without a name, messages name the folder: never a file that only this program knows.
  const finalPath = name === undefined ? folder : join(folder, name)
  try {
    await requireFolder(folder) // still, now that the file is in it
    await requireFileSize(handle, { folder, path: finalPath, sizeBytes })
    const trial = join(folder, trialName(name ?? ''))
    unfinished.add(trial)
    const naming = await proveNaming(partPath, trial, calls).finally(() => unfinished.delete(trial))
    return new DiskPartFile(handle, { folder, partPath, finalPath, naming, sizeBytes, mtimeMs })
  } catch (error) {
    // A failure here would hide the one that is reported.
    await handle.close().catch(() => {})
    await remove(partPath)
    throw systemError(error, finalPath, 'not_writable')
  }
}

type Target = {
  readonly folder: string
  readonly finalPath: string
  readonly partPath: string
  readonly naming: ProvenNaming
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
      throw systemError(error, this.#target.finalPath, 'not_writable')
    }
    this.#written += bytes.length
  }

  async publish(): Promise<string> {
    const { folder, partPath, finalPath, naming } = this.#target
    try {
      await this.#setModeAndTime()
      await this.#handle.sync()
      await naming.publish(partPath, finalPath)
      await requireSameFile(this.#handle, finalPath)
      await this.discard() // only the name of the part file: the file has its final name by now
      await syncFolder(folder)
      return finalPath
    } catch (error) {
      throw systemError(error, finalPath, 'not_writable')
    }
  }

  async discard(): Promise<void> {
    // Both may have been done already.
    await this.#handle.close().catch(() => {})
    await remove(this.#target.partPath)
  }

  /** Never executable, whatever the sender's file was. */
  async #setModeAndTime(): Promise<void> {
    const { mtimeMs } = this.#target
    // File systems without modes, or with a shorter range of dates, refuse; the content is what matters.
    await this.#handle.chmod(FILE_MODE & ~process.umask()).catch(() => {})
    // As dates: Node takes a negative number of seconds, a time before 1970, for the current time.
    if (mtimeMs !== undefined) await this.#handle.utimes(new Date(), new Date(mtimeMs)).catch(() => {})
  }
}
