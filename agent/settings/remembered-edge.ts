/** The edge that `voltdrop config edge URL` remembers, in config.json in this program's folder. */
import { join } from 'node:path'
import * as z from 'zod/mini'
import { asVoltdropError, VoltdropError } from '../../protocol/errors.ts'
import { parseJson } from '../../protocol/parse-json.ts'
import type { Environment } from '../command-line/option-table.ts'
import { edgeUrl } from '../command-line/option-values.ts'
import { replacePrivateFile } from '../files/private/replace-file.ts'
import { readSecretFile } from '../files/private/secret-file.ts'
import { codeOf } from '../files/system-errors.ts'
import { configFolder } from './user-folders.ts'

/** Names that this release does not know are kept. */
const settingsShape = z.looseObject({ edge: z.optional(z.string()) })
type Settings = z.infer<typeof settingsShape>

export function settingsPath(environment: Environment): string {
  return join(configFolder(environment), 'config.json')
}

/**
 * The address that is remembered; undefined when there is none.
 * @throws VoltdropError `not_possible_here` when others may read or write the file, or it was changed to something else; `source_unreadable`.
 */
export async function rememberedEdge(environment: Environment): Promise<URL | undefined> {
  const path = settingsPath(environment)
  const { edge } = await readSettings(path)
  try {
    return edge === undefined ? undefined : edgeUrl(edge, `edge in ${path}`)
  } catch (error) {
    // Not the line is wrong.
    throw new VoltdropError('not_possible_here', asVoltdropError(error).detail, { cause: error })
  }
}

/** From now on `edge` is used where none is named; undefined forgets it. @throws VoltdropError those of reading, `not_writable`. */
export async function rememberEdge(edge: URL | undefined, environment: Environment): Promise<void> {
  const path = settingsPath(environment)
  const { edge: _, ...others } = await readSettings(path)
  const settings: Settings = edge === undefined ? others : { ...others, edge: edge.href }
  await replacePrivateFile(path, `${JSON.stringify(settings, undefined, 2)}\n`)
}

async function readSettings(path: string): Promise<Settings> {
  const text = await readSecretFile(path).catch((error: unknown) => {
    if (error instanceof VoltdropError && codeOf(error.cause) === 'ENOENT') return '{}'
    throw error
  })
  const settings = z.safeParse(settingsShape, parseJson(text))
  if (!settings.success)
    throw new VoltdropError('not_possible_here', `${path} is not what voltdrop config writes: delete it`)
  return settings.data
}
