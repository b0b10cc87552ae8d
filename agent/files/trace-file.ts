/** Packet events of a connection as JSON lines in a new file (`--trace`). Whatever happens to the file, the transfer goes on. */
import { open, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { EXCLUSIVE_WRITE } from './exclusive-write.ts'
import { systemError } from './system-errors.ts'

/** Lines are gathered into writes of at least this many characters: one system call an event would slow the transfer down. */
const WRITE_CHARACTERS = 65_536
/** At most this much waits for a slow disk; further events are counted and dropped, so that memory stays bounded. */
const MAX_WAITING_CHARACTERS = 16 * 1024 * 1024

export type TraceFile = {
  /** Appends one line. Never throws and never waits; after an error, and after `close`, it does nothing. */
  readonly record: (event: object) => void
  /** Writes what is waiting, and removes a file without events. Never rejects. */
  readonly close: () => Promise<void>
}

/**
 * Creates the file at `path`, readable by its owner only. `warn` is called at most once, when not everything could be written.
 * @throws VoltdropError `file_exists`, `not_writable`.
 */
export async function createTraceFile(path: string, warn: (text: string) => void): Promise<TraceFile> {
  const handle = await open(path, EXCLUSIVE_WRITE, 0o600).catch((error) => {
    throw systemError(error, path, 'not_writable')
  })
  const writer = new TraceWriter(handle, (reason) => warn(`the trace is not complete: ${reason}`), path)
  return { record: (event) => writer.record(event), close: () => writer.close() }
}

class TraceWriter {
  readonly #handle: FileHandle
  readonly #incomplete: (reason: string) => void
  readonly #path: string
  #waiting: string[] = []
  #waitingCharacters = 0
  #dropped = 0
  #isStopped = false
  #isEmpty = true
  #writing: Promise<void> | undefined

  constructor(handle: FileHandle, incomplete: (reason: string) => void, path: string) {
    this.#handle = handle
    this.#incomplete = incomplete
    this.#path = path
  }

  record(event: object): void {
    if (this.#isStopped) return
    if (this.#waitingCharacters >= MAX_WAITING_CHARACTERS) {
      this.#dropped++
      return
    }
    const line = `${JSON.stringify(event)}\n`
    this.#waiting.push(line)
    this.#waitingCharacters += line.length
    if (this.#waitingCharacters >= WRITE_CHARACTERS) this.#writing ??= this.#write()
  }

  async close(): Promise<void> {
    await this.#writing
    const failed = this.#isStopped
    this.#isStopped = true
    if (!failed) await this.#writeWaiting()
    await this.#handle.close().catch(() => {})
    // Left behind, it would only refuse the next try under the same name.
    if (this.#isEmpty) await unlink(this.#path).catch(() => {})
    if (this.#dropped > 0) this.#incomplete(`the disk was too slow for ${this.#dropped} events`)
  }

  /** Writes as long as enough is waiting; one at a time keeps the order. */
  async #write(): Promise<void> {
    while (!this.#isStopped && this.#waitingCharacters >= WRITE_CHARACTERS) {
      // oxlint-disable-next-line no-await-in-loop -- one write after the other
      await this.#writeWaiting()
    }
    this.#writing = undefined
  }

  async #writeWaiting(): Promise<void> {
    const text = this.#waiting.join('')
    this.#waiting = []
    this.#waitingCharacters = 0
    if (text === '') return
    this.#isEmpty = false
    try {
      await this.#handle.appendFile(text)
    } catch (error) {
      this.#isStopped = true
      this.#dropped = 0
      this.#incomplete(systemError(error, this.#path, 'not_writable').detail ?? String(error))
    }
  }
}
