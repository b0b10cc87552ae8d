/** Creates folders, with what is missing above them. */
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf } from './system-errors.ts'

/**
 * Creates `path` and what is missing above it, with `mode` less the umask; one that is there stays as it is. Not by `recursive`, which
 * tries for ever where a file system says ENOENT although the folder above exists, as /proc does. Throws the system's error.
 */
export function makeFolder(path: string, mode: number, mayMakeAbove = true): void {
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return requireFolder(path)
    const above = dirname(path)
    if (codeOf(error) !== 'ENOENT' || above === path || !mayMakeAbove) throw error
    makeFolder(above, mode)
    makeFolder(path, mode, false)
  }
}

function requireFolder(path: string): void {
  if (!statSync(path).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' })
}
