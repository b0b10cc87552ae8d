/** The bundle in dist/, which `npm test` makes before it runs the tests. */
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../..')
const sources = ['protocol', 'peer', 'drizzle', 'durable', 'workers', 'agent', 'wrangler.toml']

/** @throws when a source is newer than the bundle: a test of yesterday's program proves nothing. */
export async function refuseStaleBundle(): Promise<void> {
  const [bundled, ...written] = await Promise.all(
    ['dist/edge/worker.js', ...(await filesOf(sources))].map(async (file) => ({
      file,
      at: (await stat(path.join(root, file))).mtimeMs,
    })),
  )
  const newer = written.find(({ at }) => bundled && at > bundled.at)
  if (newer) throw new Error(`${newer.file} is newer than the bundle: npm run bundle`)
}

async function filesOf(places: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    places.map(async (place) =>
      place.includes('.')
        ? [place]
        : (await readdir(path.join(root, place), { recursive: true }))
            .filter((name) => /\.(ts|sql)$/.test(name))
            .map((name) => path.join(place, name)),
    ),
  )
  return found.flat()
}
