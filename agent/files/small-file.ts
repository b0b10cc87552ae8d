/** Reads small text files that a person names: a code, a list of servers. */
import { VoltdropError } from '../../protocol/errors.ts'
import { openSource } from './part-file.ts'

/** What is read here is typed by hand or made by a script; anything larger is another file. */
const MAX_BYTES = 65_536

/** The file as UTF-8. @throws VoltdropError `source_unreadable`, `usage` when it is far too large. */
export async function readSmallFile(path: string): Promise<string> {
  const file = await openSource(path)
  try {
    if (file.size > MAX_BYTES) throw new VoltdropError('usage', `${path} is too large for a settings file`)
    return new TextDecoder().decode(await file.read(0, file.size))
  } finally {
    await file.close()
  }
}
