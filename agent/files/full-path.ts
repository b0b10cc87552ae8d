/** Paths as the system has them: absolute, also when the current folder is gone or a name is not UTF-8. */
import { lstat, readdir } from 'node:fs/promises'
import { isAbsolute, parse, resolve, sep } from 'node:path'
import { VoltdropError } from '../../protocol/errors.ts'

/** What stands in text for each byte that is not UTF-8. */
const REPLACEMENT = '\ufffd'

/** Undefined when it was deleted. */
export function currentFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}

/** `path` from the root. @throws VoltdropError `not_possible_here` when it is relative to a folder that was deleted. */
export function fullPath(path: string): string {
  if (isAbsolute(path)) return resolve(path)
  const here = currentFolder()
  if (here !== undefined) return resolve(here, path)
  throw new VoltdropError('not_possible_here', 'the current folder was deleted: change to one that exists')
}

/**
 * The bytes of `path`, for a file whose name came to this program as text although it is not UTF-8: the folders on the way are
 * searched for what such text stands for. Undefined when nothing, or more than one thing, is meant by it.
 */
export async function bytesOfPath(path: string): Promise<Buffer | undefined> {
  const { root, dir, base } = parse(path)
  let found = Buffer.from(root)
  for (const name of [...dir.slice(root.length).split(sep), base].filter((part) => part !== '')) {
    // oxlint-disable-next-line no-await-in-loop -- from the root downwards
    const named = name.includes(REPLACEMENT) ? await meantBy(name, found) : Buffer.from(name)
    if (named === undefined) return undefined
    found = Buffer.concat([found, found.at(-1) === sep.charCodeAt(0) ? '' : sep, named].map(bytesOf))
  }
  return found
}

function bytesOf(part: string | Buffer): Buffer {
  return typeof part === 'string' ? Buffer.from(part) : part
}

async function meantBy(name: string, folder: Buffer): Promise<Buffer | undefined> {
  const names = await readdir(folder, { encoding: 'buffer' }).catch(() => []) // unreadable: as if it held nothing
  const [first, ...others] = names.filter((candidate) => candidate.toString() === name)
  return others.length === 0 ? first : undefined
}

/** True when `path` stands for something whose name is not UTF-8. */
export async function isNotUtf8(path: string): Promise<boolean> {
  if (!path.includes(REPLACEMENT)) return false
  const found = await bytesOfPath(path)
  return found !== undefined && !found.equals(Buffer.from(path)) && (await exists(found))
}

function exists(path: Buffer): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
