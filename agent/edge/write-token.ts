/** Reads the token that may write to an edge: from the environment, or from a file or pipe that no one else can read. */
import { VoltdropError } from '../../protocol/errors.ts'
import { Secret } from '../../protocol/secret.ts'
import { readSecretFile } from '../files/private/secret-file.ts'

/** Where the token is; a file takes precedence over the environment. */
export type TokenSource = { readonly token: Secret | undefined; readonly tokenFile: string | undefined }

/** @throws VoltdropError `not_possible_here` when the file is readable by others or contains no token; `source_unreadable`. */
export async function readToken({ token, tokenFile }: TokenSource): Promise<Secret | undefined> {
  if (tokenFile === undefined) return token
  const text = (await readSecretFile(tokenFile)).trim()
  if (!/^[\w\-.~+/]{1,200}=*$/.test(text))
    throw new VoltdropError('not_possible_here', `${tokenFile} contains no token`)
  return new Secret(text)
}
