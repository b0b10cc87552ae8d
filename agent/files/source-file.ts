/** A file to send: opened once, read by position, and checked at the end to have the bytes that were read. */
import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { FileDigest, type FileSums } from '../../peer/transfer/file-digest.ts'
import type { SourceFile } from '../../peer/files.ts'
import { VoltdropError } from '../../protocol/errors.ts'
import { nearestSafeName, safeName } from '../../protocol/transfer/safe-name.ts'
import { nodePrimitives } from '../primitives.ts'
import { formatBytes } from '../terminal/human-units.ts'
import { NO_FOLLOW, NON_BLOCKING } from './exclusive-write.ts'
import { bytesOfPath, fullPath } from './full-path.ts'
import { codeOf, systemError } from './system-errors.ts'

/** Up to this size the system's word is compared with the content: /proc says 0 bytes, /sys a page, whatever is in them. */
const DOUBTED_BYTES = 65_536
/** Most that is held in memory of a file whose size the system does not know. */
const MAX_HELD_BYTES = 16 * 1024 * 1024
const READ_BLOCK_BYTES = 1024 * 1024

/**
 * Opens a regular file for sending. `offerAs` replaces the name that the receiver is offered, which is otherwise the file's own
 * made safe. @throws VoltdropError `source_unreadable`, or `usage` for an `offerAs` that no receiver would accept.
 */
export async function openSource(path: string, offerAs?: string): Promise<SourceFile> {
  const full = fullPath(path)
  const names = offerAs === undefined ? namesOf(full) : { name: safeName(offerAs), ownName: undefined }
  const { name, ownName } = names
  if (name === undefined)
    throw new VoltdropError('usage', 'a name for the receiver must be a plain file name')
  const { handle, at } = await openAsNamed(path, full).catch((error) => {
    throw systemError(error, path, 'source_unreadable')
  })
  try {
    return { ...(await sourceOf(handle, path, at)), name, ownName }
  } catch (error) {
    await handle.close()
    throw systemError(error, path, 'source_unreadable')
  }
}

function namesOf(path: string): Pick<SourceFile, 'name' | 'ownName'> {
  const ownName = basename(path)
  const name = nearestSafeName(ownName)
  return { name, ownName: name === ownName.normalize('NFC') ? undefined : ownName }
}

/** How the system finds a file: its path as bytes where that is not UTF-8. */
type Location = string | Buffer

async function openAsNamed(path: string, full: string): Promise<{ handle: FileHandle; at: Location }> {
  const flags = constants.O_RDONLY | NON_BLOCKING
  try {
    return { handle: await open(path, flags), at: path }
  } catch (error) {
    const bytes = codeOf(error) === 'ENOENT' ? await bytesOfPath(full) : undefined
    if (bytes === undefined) throw error
    return { handle: await open(bytes, flags), at: bytes }
  }
}

/**
 * The file at `path` if it can be nobody's but this user's: regular, with one name, not writable by others than the umask allows.
 * Undefined when there is none. @throws VoltdropError `file_exists` for anything else of that name.
 */
export async function openOwnFile(path: string): Promise<SourceFile | undefined> {
  const flags = constants.O_RDONLY | NON_BLOCKING | NO_FOLLOW
  const handle = await open(path, flags).catch((error) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new VoltdropError('file_exists', path, { cause: error })
  })
  if (handle === undefined) return undefined
  try {
    const { uid, nlink, mode } = await handle.stat()
    const isOwn = process.geteuid === undefined || uid === process.geteuid()
    const isShared = nlink > 1 || (mode & 0o022 & process.umask()) !== 0
    if (!isOwn || (isShared && process.platform !== 'win32'))
      throw new VoltdropError('file_exists', `${path}, which others may have made or can change`)
    return { ...(await sourceOf(handle, path, path)), ...namesOf(path) }
  } catch (error) {
    await handle.close()
    throw systemError(error, path, 'file_exists')
  }
}

type Content = Omit<SourceFile, 'name' | 'ownName'>

async function sourceOf(handle: FileHandle, path: string, at: Location): Promise<Content> {
  const opened = await handle.stat({ bigint: true })
  if (opened.isDirectory())
    throw new VoltdropError(
      'source_unreadable',
      `${path} is a folder: pack it into one file, with zip or tar`,
    )
  if (!opened.isFile()) throw new VoltdropError('source_unreadable', `${path} is not a regular file`)
  if (opened.size > DOUBTED_BYTES) return fileOnDisk(handle, path, at, await checkedEnd(handle, path, opened))
  const held = await readToEnd(handle, path)
  if (BigInt(held.length) === opened.size) return fileOnDisk(handle, path, at, opened)
  const again = await handle.stat({ bigint: true })
  // Written to meanwhile: a file like any other.
  if (again.size !== opened.size) return fileOnDisk(handle, path, at, again)
  return heldContent(handle, held, opened)
}

/** The state of a file whose content ends where the system says. */
async function checkedEnd(handle: FileHandle, path: string, opened: Identity): Promise<Identity> {
  const beyond = await readBlock(handle, Number(opened.size), 1)
  if (beyond.length === 0) return opened
  const again = await handle.stat({ bigint: true })
  if (again.size !== opened.size) return again // it grows
  throw new VoltdropError(
    'source_unreadable',
    `${path}: it has more content than the system says: send a copy`,
  )
}

/** The whole content, for a file that says too little about its size. */
async function readToEnd(handle: FileHandle, path: string): Promise<Buffer> {
  const blocks: Buffer[] = []
  let offset = 0
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(DOUBTED_BYTES), 0, DOUBTED_BYTES, offset)
    if (bytesRead === 0) return Buffer.concat(blocks)
    blocks.push(buffer.subarray(0, bytesRead))
    offset += bytesRead
    if (offset > MAX_HELD_BYTES)
      throw new VoltdropError(
        'source_unreadable',
        `${path}: the system does not say its size, and it has more than ${formatBytes(MAX_HELD_BYTES)}: send a copy`,
      )
  }
}

type Identity = {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
}

function timeOf({ mtimeNs }: Identity): number {
  return Number(mtimeNs / 1_000_000n)
}

/** A file that the system makes up when it is read: what was read once is what is sent. */
function heldContent(handle: FileHandle, held: Buffer, opened: Identity): Content {
  return {
    size: held.length,
    mtimeMs: timeOf(opened),
    read: async (offset, length) => held.subarray(offset, offset + length),
    verifyUnchanged: async () => {},
    close: () => handle.close(),
  }
}

function fileOnDisk(handle: FileHandle, path: string, at: Location, opened: Identity): Content {
  function changed(cause?: unknown): VoltdropError {
    return new VoltdropError('source_changed', path, { cause })
  }
  return {
    size: Number(opened.size),
    mtimeMs: timeOf(opened),
    async read(offset, length) {
      const bytes = await readBlock(handle, offset, length).catch((error) => {
        throw systemError(error, path, 'source_unreadable')
      })
      if (bytes.length === length) return bytes
      const now = await handle.stat({ bigint: true })
      if (now.size !== opened.size) throw changed()
      throw new VoltdropError('source_unreadable', `${path}: it has less content than the system says`)
    },
    async verifyUnchanged(read) {
      // By path: a file that was replaced has another identity, while the handle would still show the old one.
      const now = await stat(at, { bigint: true }).catch((error) => {
        throw changed(error)
      })
      if (!now.isFile() || now.size !== opened.size) throw changed()
      if (now.dev === opened.dev && now.ino === opened.ino && now.mtimeNs === opened.mtimeNs) return
      if (read === undefined) return // the end decides, by the content
      const { sha256 } = await sumsAt(at).catch((error) => {
        throw changed(error)
      })
      if (sha256 !== read.sha256) throw changed()
    },
    close: () => handle.close(),
  }
}

/** `length` bytes at `offset`; fewer only at the end of the file. */
export async function readBlock(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

async function sumsAt(at: Location): Promise<FileSums> {
  const handle = await open(at, constants.O_RDONLY | NON_BLOCKING)
  try {
    const digest = new FileDigest(nodePrimitives)
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      const bytes = await readBlock(handle, digest.size, READ_BLOCK_BYTES)
      digest.update(bytes)
      if (bytes.length < READ_BLOCK_BYTES) return digest.sums()
    }
  } finally {
    await handle.close()
  }
}
