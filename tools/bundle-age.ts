/** Whether the bundle in dist/ is of the sources as they are now. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const BUNDLE = 'dist/edge/worker.js'
const SOURCE_FOLDERS = ['protocol', 'peer', 'transport', 'drizzle', 'durable', 'workers', 'agent']
const SOURCE_FILES = [
  'wrangler.toml',
  'package.json',
  'package-lock.json',
  'tools/bundle.ts',
  'tools/licences/third-party-notices.ts',
  'tools/man-page.ts',
]

/** A source that is newer than the bundle, or the bundle itself where there is none; undefined when the bundle is up to date. */
export async function staleSource(): Promise<string | undefined> {
  const bundledAt = await modifiedAt(BUNDLE)
  if (bundledAt === undefined) return BUNDLE
  const sources = [...SOURCE_FILES, ...(await Promise.all(SOURCE_FOLDERS.map(contentsOf))).flat()]
  const times = await Promise.all(sources.map(modifiedAt))
  return sources.find((_, index) => (times[index] ?? Infinity) > bundledAt)
}

/** The sources of a folder and its folders, whose own times tell that a file was removed. */
async function contentsOf(folder: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true })
  return [
    folder,
    ...entries
      .filter((entry) => entry.isDirectory() || /\.(?:ts|sql|wat)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1)),
  ]
}

async function modifiedAt(file: string): Promise<number | undefined> {
  const { mtimeMs } = (await stat(join(ROOT, file), { bigint: false }).catch(() => undefined)) ?? {}
  return mtimeMs
}
