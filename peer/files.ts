/** The seams between a transfer and a place where files live (a disk, a page's downloads, a test's memory). */
import type { OfferedEntry } from '../protocol/transfer/opening-frames.ts'

/** An open file to send. */
export interface SourceFile {
  /** The name offered to the receiver: one safe component. */
  readonly name: string
  /** Size in bytes when opened. */
  readonly size: number
  readonly mtimeMs: number
  /** Exactly `length` bytes at `offset`. Rejects with `source_changed` when the file is shorter by now. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** Rejects with `source_changed` when identity, size or time differ from the moment of opening. */
  verifyUnchanged(): Promise<void>
  close(): Promise<void>
}

/** Where received files go. */
export interface Destination {
  /**
   * Opens a part file for `entry`, whose name has passed `safeName` and whose size has been checked.
   * Rejects with `file_exists`, `not_writable`, `disk_full` or `too_large` before anything is written.
   */
  create(entry: OfferedEntry): Promise<PartFile>
}

/** A file being received: invisible under its final name until published. */
export interface PartFile {
  /**
   * Appends at `offset` (always the bytes written so far). `bytes` belongs to the caller again once it resolves.
   * Rejects with `disk_full` or `not_writable`.
   */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /** Makes it durable and gives it its final name without ever overwriting; returns the name or path for the person. */
  publish(): Promise<string>
  /** Removes the part file. Never rejects; safe during a write, after a failure and after `publish`. */
  discard(): Promise<void>
}
