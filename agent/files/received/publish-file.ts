/** Gives a complete file its final name: never over another file, and so that the name survives a power cut. */
import { constants } from 'node:fs'
import { link, lstat, open, rename, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { VoltdropError } from '../../../protocol/errors.ts'
import { EXCLUSIVE_WRITE, NO_FOLLOW, NON_BLOCKING } from '../exclusive-write.ts'
import { readBlock } from '../source-file.ts'
import { codeOf } from '../system-errors.ts'

const COMPARED_BLOCK_BYTES = 1024 * 1024

/** The system calls that give a file its name, as file systems and tests may refuse them. */
export type NamingCalls = {
  readonly link: (from: string, to: string) => Promise<void>
  readonly open: (path: string, flags: number, mode: number) => Promise<FileHandle>
  readonly rename: (from: string, to: string) => Promise<void>
}

export const systemNaming: NamingCalls = { link, open, rename }

/** One way to give the file at `from` the name `to`, which must be free; rejects with the system's EEXIST otherwise. */
type Naming = {
  readonly name: (from: string, to: string, calls: NamingCalls) => Promise<void>
  /** Gives the file at `to` only the name `from` again. */
  readonly undo: (from: string, to: string, calls: NamingCalls) => Promise<void>
}

/** `rename` alone would replace whatever is there, and checking first would leave a gap. The file keeps its old name as well. */
const byLink: Naming = {
  name: (from, to, calls) => calls.link(from, to),
  undo: (_, to) => unlink(to),
}

/** Without hard links (FAT, exFAT, some network and phone systems): an empty file takes the name, and is replaced at once. */
const byClaim: Naming = {
  name: claimAndRename,
  undo: (from, to, calls) => calls.rename(to, from),
}

async function claimAndRename(from: string, to: string, calls: NamingCalls): Promise<void> {
  const claim = await calls.open(to, EXCLUSIVE_WRITE, 0o600)
  await claim.close()
  try {
    await calls.rename(from, to)
  } catch (error) {
    await unlink(to)
    throw error
  }
}

/** Best first. */
const namings = [byLink, byClaim]

/** How a file will get its final name. */
export type ProvenNaming = {
  /** Gives the file at `from` the name `to`. Rejects with the system's EEXIST when that is taken. */
  publish(from: string, to: string): Promise<void>
}

/**
 * Tries, in the folder of the file at `from`, how it can be given another name: with `trial`, a free one as long as the final one. The
 * reasons for which systems refuse are too many to be told apart by their codes, and after the transfer it would be too late.
 * @throws the system's error, when no way works.
 */
export async function proveNaming(
  from: string,
  trial: string,
  calls: NamingCalls = systemNaming,
): Promise<ProvenNaming> {
  let refused: unknown
  for (const [at, naming] of namings.entries()) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the first that works
      await naming.name(from, trial, calls)
    } catch (error) {
      refused = error
      continue
    }
    // oxlint-disable-next-line no-await-in-loop
    await naming.undo(from, trial, calls)
    return { publish: (part, to) => nameByFirst(namings.slice(at), part, to, calls) }
  }
  throw refused
}

/** A name that is taken, and a part file or folder that is gone, are so for every way. */
const FINAL_CODES: ReadonlySet<string | undefined> = new Set(['EEXIST', 'ENOENT', 'ENOTDIR'])

/** What worked on trial may still be refused later: then what is left is tried. */
async function nameByFirst(
  left: readonly Naming[],
  from: string,
  to: string,
  calls: NamingCalls,
): Promise<void> {
  const [first, ...others] = left
  try {
    await first?.name(from, to, calls)
  } catch (error) {
    if (others.length === 0 || FINAL_CODES.has(codeOf(error))) throw error
    await nameByFirst(others, from, to, calls)
  }
}

/**
 * Makes sure that the file at `path` is the one behind `written`: where others may write into the folder, they can put another in the
 * place of the part file before it is published. Some file systems number files anew at each look; then the content decides.
 * @throws VoltdropError `swapped` when it has other bytes or another owner; it is left alone.
 */
export async function requireSameFile(written: FileHandle, path: string): Promise<void> {
  const [ours, there] = await Promise.all([written.stat({ bigint: true }), lstat(path, { bigint: true })])
  if (there.isFile() && there.dev === ours.dev && there.ino === ours.ino) return
  if (there.isFile() && there.uid === ours.uid && there.size === ours.size) {
    const found = await open(path, constants.O_RDONLY | NO_FOLLOW | NON_BLOCKING)
    try {
      if (await haveSameBytes(written, found)) return
    } finally {
      await found.close()
    }
  }
  throw new VoltdropError('swapped', path)
}

async function haveSameBytes(one: FileHandle, other: FileHandle): Promise<boolean> {
  for (let offset = 0; ; offset += COMPARED_BLOCK_BYTES) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    const [a, b] = await Promise.all(
      [one, other].map((file) => readBlock(file, offset, COMPARED_BLOCK_BYTES)),
    )
    if (a === undefined || b === undefined || !a.equals(b)) return false
    if (a.length < COMPARED_BLOCK_BYTES) return true
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
