/** Reads the token that may write to an edge: from the environment, or from a file that nobody else can read. */
import { VoltdropError } from '../../protocol/errors.ts'
import { Secret } from '../../protocol/secret.ts'
import type { TokenSource } from '../command-line/shared-options.ts'
import { requirePrivate } from '../files/part-file.ts'
import { readSmallFile } from '../files/small-file.ts'

/** The file goes before the environment. @throws VoltdropError `usage` when it is open to others or holds no token. */
export async function readToken({ token, tokenFile }: TokenSource): Promise<Secret | undefined> {
  if (tokenFile === undefined) return token
  await requirePrivate(tokenFile)
  const text = (await readSmallFile(tokenFile)).trim()
  if (!/^[\w\-.~+/]{1,200}=*$/.test(text)) throw new VoltdropError('usage', `${tokenFile} holds no token`)
  return new Secret(text)
}
