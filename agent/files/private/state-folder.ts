/** Where this program keeps what it must remember between two runs: for one user, on one machine. */
import { chmodSync, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { VoltdropError } from '../../../protocol/errors.ts'
import { homeFolder } from '../../home-folder.ts'
import { makeFolder } from '../make-folder.ts'
import { systemError } from '../system-errors.ts'

/** Values of XDG_STATE_HOME and of Windows's LOCALAPPDATA. */
type Places = { readonly stateHome?: string | undefined; readonly localAppData?: string | undefined }

/** Group and others. */
const NOT_OWNER = 0o077

/**
 * `$XDG_STATE_HOME/voltdrop`, else `~/.local/state/voltdrop` (XDG Base Directory Specification, where a relative path does not count);
 * on macOS and Windows where their programs keep such data.
 */
export function stateFolder(
  { stateHome, localAppData }: Places,
  platform: NodeJS.Platform = process.platform,
  home: string = homeFolder(),
): string {
  if (stateHome !== undefined && isAbsolute(stateHome)) return join(stateHome, 'voltdrop')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'voltdrop')
  if (platform === 'win32') return join(localAppData ?? join(home, 'AppData', 'Local'), 'voltdrop')
  return join(home, '.local', 'state', 'voltdrop')
}

/**
 * Creates the folder for its owner only (0700), or sees to it that one which is there is a folder of this user that nobody else may
 * enter. At once, because something must not leave this machine before. Windows has no file modes: there the user's profile protects it.
 * @throws VoltdropError `not_writable`, `disk_full`.
 */
export function ensurePrivateFolder(path: string): void {
  try {
    makeFolder(path, 0o700)
    if (process.getuid === undefined) return
    const { mode, uid } = statSync(path)
    if (uid !== process.getuid())
      throw new VoltdropError('not_writable', `${path}: it belongs to another user`)
    if ((mode & NOT_OWNER) !== 0) chmodSync(path, 0o700)
  } catch (error) {
    throw systemError(error, path, 'not_writable')
  }
}
