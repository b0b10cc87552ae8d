/** Part files that a killed receiver left behind: they are mentioned, never removed, because only a person knows that. */
import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBytes } from '../../terminal/human-units.ts'
import { PART_NAME } from './part-file.ts'
import { shellWord } from '../../../protocol/shell-word.ts'

/** A part file that is still being received is written far more often. */
const UNTOUCHED_MS = 600_000
/** Enough of any folder that people receive into. */
const MAX_ENTRIES_READ = 10_000
const MAX_NAMED = 4

/** One sentence about this user's old part files in `folder`; undefined when there are none. Never rejects. */
export async function describeLeftovers(folder: string): Promise<string | undefined> {
  const left = await oldParts(folder).catch(() => []) // a folder that cannot be read has no news
  if (left.length === 0) return undefined
  const bytes = formatBytes(left.reduce((sum, { size }) => sum + size, 0))
  const files = left.length === 1 ? 'a part file' : `${left.length} part files`
  const named = left.slice(0, MAX_NAMED).map(({ path }) => shellWord(path))
  const more = left.length > MAX_NAMED ? `, and ${left.length - MAX_NAMED} more` : ''
  return `${files} of a receiver that was killed, ${bytes}; no longer of use: rm ${named.join(' ')}${more}`
}

async function oldParts(folder: string): Promise<{ path: string; size: number }[]> {
  const found: { path: string; size: number }[] = []
  let read = 0
  for await (const { name } of await opendir(folder)) {
    if (++read > MAX_ENTRIES_READ) break
    if (!PART_NAME.test(name)) continue
    const path = join(folder, name)
    const entry = await lstat(path).catch(() => undefined) // published or discarded meanwhile
    if (entry?.isFile() !== true || entry.uid !== (process.geteuid?.() ?? entry.uid)) continue
    if (Date.now() - entry.mtimeMs > UNTOUCHED_MS) found.push({ path, size: entry.size })
  }
  return found
}
