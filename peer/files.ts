/** The interfaces between a transfer and where files are: a disk, the downloads of a page, the memory of a test. */
import type { OfferedEntry } from '../protocol/transfer/opening-frames.ts'
import type { FileSums } from './transfer/file-digest.ts'

/** An open file to send. */
export interface SourceFile {
  /** The name offered to the receiver: one path component that `safeName` accepts. */
  readonly name: string
  /** The file's own name, when that is not safe and `name` is the nearest that is. */
  readonly ownName?: string | undefined
  /** Size of its content in bytes when opened. */
  readonly size: number
  readonly mtimeMs: number
  /** Exactly `length` bytes at `offset`. Rejects with `source_changed` when the file has become shorter. */
  read(offset: number, length: number): Promise<Uint8Array>
  /**
   * Rejects with `source_changed` when the file no longer has the bytes of which `read` are the sums, or, before any were read, no
   * longer its size. The content decides: some file systems give another identity or time at each look.
   */
  verifyUnchanged(read?: FileSums): Promise<void>
  close(): Promise<void>
}

/** Where received files go. */
export interface Destination {
  /**
   * Opens a part file for `entry`, whose path is a safe name and whose size has been checked.
   * Rejects with `file_exists`, `not_writable`, `disk_full` or `too_large` before anything is written: what can be known about
   * saving the file is found out here.
   */
  create(entry: OfferedEntry): Promise<PartFile>
}

/** A file being received. It does not exist under its final name until it is published. */
export interface PartFile {
  /**
   * Appends at `offset`, which is the number of bytes written so far. The caller may reuse `bytes` once this resolves.
   * Rejects with `disk_full` or `not_writable`.
   */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /**
   * Syncs the file and gives it its final name, without overwriting another file. Returns the name or path to show to the user.
   * Rejects with `swapped` when somebody has put another file in its place.
   */
  publish(): Promise<string>
  /** Removes the part file. Never rejects. Safe during a write, after a failure and after `publish`. */
  discard(): Promise<void>
}
