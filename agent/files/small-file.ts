/** Reads small text files that are no secret. */
import { VoltdropError } from '../../protocol/errors.ts'
import { openSource } from './source-file.ts'

/** These files are made by a program; a larger one is a different file. */
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
