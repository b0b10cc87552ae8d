/**
 * One edge at a time for a data folder: a lock of the operating system on a file in it, which ends with the process however that ends,
 * and which containers that share the folder see as well. SQLite takes it, because Node has no function for file locks.
 */
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { VoltdropError } from '../../../protocol/errors.ts'
import { createPrivateFile, createPrivateFolder } from '../../files/private/private-folder.ts'

export type DataLock = { release(): void }

const LOCK_FILE = 'in-use.lock'
/** Primary result code (sqlite.org/rescode.html). */
const SQLITE_BUSY = 5

/** Creates the folder where it is missing. @throws VoltdropError `not_possible_here` when another edge uses it; `not_writable`. */
export async function lockData(folder: string): Promise<DataLock> {
  createPrivateFolder(folder)
  const path = join(folder, LOCK_FILE)
  await createPrivateFile(path)
  const { DatabaseSync: Database } = await loadSqlite()
  const database = new Database(path)
  try {
    // Nothing is ever written, so no journal is needed beside the file.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    throw lockFailure(error, folder)
  }
  return { release: () => database.close() }
}

function lockFailure(error: unknown, folder: string): VoltdropError {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  const reason =
    code === SQLITE_BUSY
      ? `another edge uses ${folder}: stop it, or name another folder with --data`
      : `${folder} cannot be locked (${error instanceof Error ? error.message : 'unknown'}): name a folder on another file system with --data`
  return new VoltdropError('not_possible_here', reason, { cause: error })
}

/** Without the warning of some versions of Node that this module is still changing: what is used of it is not. */
async function loadSqlite(): Promise<{ DatabaseSync: typeof DatabaseSync }> {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => {}
  try {
    return await import('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}
