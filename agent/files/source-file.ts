/** A file to send: opened once, read by position, and checked at the end to be the same file with the same bytes. */
import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { VoltdropError } from '../../protocol/errors.ts'
import { nearestSafeName, safeName } from '../../protocol/transfer/safe-name.ts'
import type { SourceFile } from '../../peer/files.ts'
import { systemError } from './system-errors.ts'

/** Absent on Windows, which has no named pipes among its files. */
const NON_BLOCKING = constants.O_NONBLOCK ?? 0

/**
 * Opens a regular file for sending. `offerAs` replaces the name that the receiver is offered, which is otherwise the file's own
 * made safe. @throws VoltdropError `source_unreadable`, or `usage` for an `offerAs` that no receiver would accept.
 */
export async function openSource(path: string, offerAs?: string): Promise<SourceFile> {
  const name = offerAs === undefined ? nearestSafeName(basename(resolve(path))) : safeName(offerAs)
  if (name === undefined)
    throw new VoltdropError('usage', 'a name for the receiver must be a plain file name')
  // Opening a named pipe would otherwise block until someone writes to it.
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
      // By path: a file that was replaced has another identity, while the handle would still show the old one.
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
