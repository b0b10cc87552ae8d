/** Reads the token that may write to an edge: from the environment, or from a file that only its owner can read. */
import { VoltdropError } from '../../protocol/errors.ts'
import { Secret } from '../../protocol/secret.ts'
import { readPrivateFile } from '../files/small-file.ts'

/** Where the token is; a file takes precedence over the environment. */
export type TokenSource = { readonly token: Secret | undefined; readonly tokenFile: string | undefined }

/** @throws VoltdropError `usage` when the file is readable by others or contains no token; `source_unreadable`. */
export async function readToken({ token, tokenFile }: TokenSource): Promise<Secret | undefined> {
  if (tokenFile === undefined) return token
  const text = (await readPrivateFile(tokenFile)).trim()
  if (!/^[\w\-.~+/]{1,200}=*$/.test(text)) throw new VoltdropError('usage', `${tokenFile} contains no token`)
  return new Secret(text)
}
