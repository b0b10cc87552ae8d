/** Reads small text files that a person names: a code, a token, a list of ICE servers. */
import { stat } from 'node:fs/promises'
import { VoltdropError } from '../../protocol/errors.ts'
import { openSource } from './source-file.ts'
import { systemError } from './system-errors.ts'

/** These files are typed by hand or made by a script; a larger one is a different file. */
const MAX_SMALL_FILE_BYTES = 65_536

/** The file as UTF-8. @throws VoltdropError `source_unreadable`; `usage` when it is far too large. */
export async function readSmallFile(path: string): Promise<string> {
  const file = await openSource(path)
  try {
    if (file.size > MAX_SMALL_FILE_BYTES)
      throw new VoltdropError('usage', `${path} is too large for a settings file`)
    return new TextDecoder().decode(await file.read(0, file.size))
  } finally {
    await file.close()
  }
}

/** The file as UTF-8. @throws VoltdropError as `readSmallFile`; `usage` when others than its owner may read or write it. */
export async function readPrivateFile(path: string): Promise<string> {
  await requirePrivate(path)
  return readSmallFile(path)
}

/** Windows has no file modes: there every file passes. */
async function requirePrivate(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const { mode } = await stat(path).catch((error) => {
    throw systemError(error, path, 'source_unreadable')
  })
  if ((mode & 0o077) !== 0) throw new VoltdropError('usage', `${path} can be read by others: chmod 600 it`)
}
