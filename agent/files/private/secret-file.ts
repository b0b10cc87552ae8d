/**
 * Reads what a person keeps secret: a code, a token, credentials. From a file that others cannot read, or from a pipe, which is how
 * secrets stay out of files: `<(pass show edge)`, `/dev/stdin`.
 */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { VoltdropError } from '../../../protocol/errors.ts'
import { NON_BLOCKING } from '../exclusive-write.ts'
import { codeOf, systemError } from '../system-errors.ts'

/** Secrets are short, and a list of servers is not much longer; what exceeds this is a different file. */
const MAX_SECRET_BYTES = 65_536

/** Opening these again fails where standard input is a socket, and loses what was already read from it. */
const STANDARD_INPUT: ReadonlySet<string> = new Set(['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'])

/** The writer of a named pipe is let in by this side's opening it, and has not written yet. */
const WRITER_WITHIN_MS = 3_000
const POLL_MS = 20
const READ_BYTES = 4_096

export type SecretText = {
  readonly text: string
  /** Who else can read or write the file, and what to do about it; undefined where no one can. */
  readonly exposure: string | undefined
}

/**
 * The text of `path` as UTF-8. @throws VoltdropError `not_possible_here` when others can read or write it or it is too long,
 * `source_unreadable`.
 */
export async function readSecretFile(path: string): Promise<string> {
  const { text, exposure } = await readGuarded(path)
  if (exposure !== undefined) throw new VoltdropError('not_possible_here', exposure)
  return text
}

/** As `readSecretFile`, for a file that may also contain no secret: the caller decides whether an exposure matters. */
export async function readGuarded(path: string): Promise<SecretText> {
  if (STANDARD_INPUT.has(path))
    return { text: await readShort(process.stdin, 'standard input'), exposure: undefined }
  try {
    const handle = await open(path, constants.O_RDONLY | NON_BLOCKING)
    try {
      const found = await handle.stat()
      if (!found.isFile() && !found.isFIFO())
        throw new VoltdropError('source_unreadable', `${path} is neither a file nor a pipe`)
      const parts = found.isFIFO() ? pipeParts(handle) : handle.createReadStream({ autoClose: false })
      return { text: await readShort(parts, path), exposure: await exposureOf(handle, found, path) }
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw systemError(error, path, 'source_unreadable')
  }
}

/** What comes through a pipe that does not block: a read fails with EAGAIN until the writer has written. */
async function* pipeParts(handle: FileHandle): AsyncGenerator<Uint8Array> {
  const waitUntilMs = performance.now() + WRITER_WITHIN_MS
  for (let begun = false; ;) {
    // oxlint-disable no-await-in-loop -- one read after the other
    const part = await handle.read(Buffer.alloc(READ_BYTES)).catch((error: unknown) => {
      if (codeOf(error) !== 'EAGAIN') throw error
      return undefined
    })
    if (part !== undefined && part.bytesRead > 0) {
      begun = true
      yield part.buffer.subarray(0, part.bytesRead)
    } else if (part !== undefined && (begun || performance.now() > waitUntilMs)) return
    else await setTimeout(POLL_MS)
    // oxlint-enable no-await-in-loop
  }
}

async function readShort(stream: AsyncIterable<Uint8Array | string>, name: string): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of stream) {
    const chunk = typeof part === 'string' ? Buffer.from(part) : part
    bytes += chunk.length
    if (bytes > MAX_SECRET_BYTES)
      throw new VoltdropError('not_possible_here', `${name} is longer than any secret`)
    parts.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(parts))
}

/** Windows has no file modes: there every file counts as private. */
async function exposureOf(handle: FileHandle, found: Stats, path: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined
  const who = exposedTo(found, ownGroups())
  // Containers get their secrets as read-only mounts, readable for everyone in there (Kubernetes: 0644 unless told otherwise).
  if (who === undefined || (await isReadOnlyMount(handle))) return undefined
  return `${path} can be read or changed by ${who}: chmod 600 ${path}`
}

/**
 * Who but the owner may use a file of this mode. Its group may read it where this process is in that group: so a pod or a service
 * gets a secret that belongs to root.
 */
export function exposedTo(
  { mode, gid }: Pick<Stats, 'mode' | 'gid'>,
  groups: ReadonlySet<number>,
): string | undefined {
  if ((mode & 0o006) !== 0) return 'every user of this machine'
  if ((mode & 0o020) !== 0 || ((mode & 0o040) !== 0 && !groups.has(gid))) return `the group ${gid}`
  return undefined
}

function ownGroups(): ReadonlySet<number> {
  return new Set([
    ...(process.getgroups?.() ?? []),
    ...[process.getegid?.()].filter((gid) => gid !== undefined),
  ])
}

/** True where Linux says that the file was reached through a read-only mount (proc(5): fdinfo, mountinfo); elsewhere false. */
async function isReadOnlyMount({ fd }: FileHandle): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const [info, mounts] = await Promise.all(
    [`/proc/self/fdinfo/${fd}`, '/proc/self/mountinfo'].map((file) => readFile(file, 'utf8').catch(() => '')), // no /proc
  )
  const id = /^mnt_id:\s*(\d+)$/m.exec(info ?? '')?.[1]
  const options = (mounts ?? '')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([mount]) => mount === id)?.[5]
  return options?.split(',').includes('ro') ?? false
}
