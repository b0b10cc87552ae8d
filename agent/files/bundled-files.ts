/** Reads the files that tools/bundle.ts puts beside the program. */
import { readFile } from 'node:fs/promises'

/** Bundled, this module is in dist/ itself; from source it is two folders above dist/. */
const dist = new URL(import.meta.url.endsWith('.ts') ? '../../dist/' : './', import.meta.url)

/** The file at `path` in dist/ as UTF-8. Rejects with the system's error when the bundle is missing. */
export function readBundledFile(path: string): Promise<string> {
  return readFile(new URL(path, dist), 'utf8')
}
