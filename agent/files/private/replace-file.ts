/** Writes small files of this program itself, which are replaced as a whole. */
import { randomBytes } from 'node:crypto'
import { open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EXCLUSIVE_WRITE } from '../exclusive-write.ts'
import { createPrivateFolder } from './private-folder.ts'
import { syncFolder } from '../received/publish-file.ts'
import { systemError } from '../system-errors.ts'

/**
 * The file at `path` becomes `text`, readable by its owner only; its folder is created if it is missing. Whoever reads it meanwhile, or
 * after a power cut, finds the old text or the new one. @throws VoltdropError `not_writable`, `disk_full`.
 */
export async function replacePrivateFile(path: string, text: string): Promise<void> {
  const folder = dirname(path)
  createPrivateFolder(folder)
  const temporary = `${path}.${randomBytes(8).toString('hex')}`
  try {
    const handle = await open(temporary, EXCLUSIVE_WRITE, 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => {}) // it was not created, or has its name already
    throw systemError(error, path, 'not_writable')
  }
  await syncFolder(folder)
}
