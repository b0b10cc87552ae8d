/**
 * Rooms in which this user has tried a code. Whoever sees a receiver's share can check one guess at the words, so a code is tried once.
 * Within one run peer/meeting/spent-codes.ts sees to that. An edge that cuts the connection after each share would get another guess
 * each time the person runs the same command again: so the try is noted on disk before the share leaves, and for ten minutes, in which
 * the edge lends the number to no one else, this machine tries no code of that room again.
 *
 * A note is a file of its own with a random name, so that two processes that note the same room at once both see the other's. It says
 * edge, room and time: nothing that depends on the words. Its time is the file's, its name begins with a hash of edge and room, and its
 * content is for people. It is never parsed, and so cannot be damaged.
 */
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  futimesSync,
  lstatSync,
  openSync,
  readdirSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { VoltdropError } from '../../../protocol/errors.ts'
import { EXCLUSIVE_WRITE } from '../exclusive-write.ts'
import { systemError } from '../system-errors.ts'
import { ensurePrivateFolder } from './private-folder.ts'

/** As long as the lobby lets the number of a room rest (durable/lobby/lobby-object.ts). */
const REFUSED_MS = 600_000

/** More notes are not kept, the oldest are dropped: each stands for a transfer of the last ten minutes. */
const MAX_NOTES = 1_000

const NOTE_NAME = /^[0-9a-f]{32}\.[0-9a-f]{16}$/

type Note = { readonly name: string; readonly room: string; readonly atMs: number }

export class TriedRooms {
  readonly #folder: string
  readonly #now: () => number

  /** The notes are kept in a subfolder of `stateFolder`. `now` is Unix time in milliseconds. */
  constructor(stateFolder: string, now: () => number = Date.now) {
    this.#folder = join(stateFolder, 'tried-rooms')
    this.#now = now
  }

  /**
   * Refuses a room in which a code was tried less than ten minutes ago. Notes that cannot be read do not count here: `note` fails then.
   * @throws VoltdropError `code_spent`.
   */
  refuseTried(edge: URL, room: number): void {
    const tried = this.#notes().find((note) => note.room === keyOf(edge, room))
    if (tried) throw this.#refusal(room, tried)
  }

  /**
   * Notes on disk that a code of this room is about to be tried: synced when it returns. @returns what removes the note once the file
   * has arrived, when nobody enters the code again.
   * @throws VoltdropError `code_spent` when another process tries the same room; `not_writable` or `disk_full` when it cannot be noted.
   */
  note(edge: URL, room: number): () => void {
    const key = keyOf(edge, room)
    const name = `${key}.${randomBytes(8).toString('hex')}`
    ensurePrivateFolder(this.#folder)
    this.#write(name, new URL(`rooms/${room}`, edge).href)
    const notes = this.#notes()
    // Looked for after writing: of two processes at least the later one sees the other.
    const other = notes.find((note) => note.room === key && note.name !== name)
    if (other) throw this.#refusal(room, other)
    const excess = notes.toSorted((a, b) => b.atMs - a.atMs).slice(MAX_NOTES)
    for (const old of excess) this.#remove(old.name)
    return () => this.#remove(name)
  }

  /** Those of the last ten minutes. Older ones are removed. */
  #notes(): Note[] {
    const names = namesIn(this.#folder).filter((name) => NOTE_NAME.test(name))
    return names.flatMap((name) => {
      const atMs = this.#timeOf(name)
      if (atMs === undefined) return []
      if (this.#now() - atMs < REFUSED_MS) return [{ name, room: name.slice(0, 32), atMs }]
      this.#remove(name)
      return []
    })
  }

  /** A note from the future was made before the clock was set back. It counts from now on, and not for longer than any other. */
  #timeOf(name: string): number | undefined {
    const path = join(this.#folder, name)
    const nowMs = this.#now()
    try {
      const atMs = lstatSync(path).mtimeMs
      if (atMs <= nowMs) return atMs
      utimesSync(path, nowMs / 1_000, nowMs / 1_000)
      return nowMs
    } catch {
      return undefined // another process has removed it
    }
  }

  #write(name: string, text: string): void {
    try {
      const file = openSync(join(this.#folder, name), EXCLUSIVE_WRITE, 0o600)
      try {
        writeSync(file, `${text}\n`)
        // The clock of this machine, whatever the clock of a file server says.
        futimesSync(file, this.#now() / 1_000, this.#now() / 1_000)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      syncFolder(this.#folder)
    } catch (error) {
      throw systemError(error, this.#folder, 'not_writable')
    }
  }

  #remove(name: string): void {
    try {
      unlinkSync(join(this.#folder, name))
    } catch {
      // Another process has removed it.
    }
  }

  #refusal(room: number, { atMs }: Note): VoltdropError {
    const minutes = Math.max(1, Math.ceil((atMs + REFUSED_MS - this.#now()) / 60_000))
    return new VoltdropError(
      'code_spent',
      `a code of room ${room} was tried here: for ${minutes} min more this machine tries none of that room`,
    )
  }
}

function keyOf(edge: URL, room: number): string {
  return createHash('sha256')
    .update(new URL(`rooms/${room}`, edge).href)
    .digest('hex')
    .slice(0, 32)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // nothing was noted yet, or it cannot be read
  }
}

/** Windows and some network file systems cannot sync a folder. There the file itself is synced. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch {
    // As said above.
  }
}
