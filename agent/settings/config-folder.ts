/** Where this program keeps what it is told to remember: the place that each system has for that. */
import * as path from 'node:path'
import type { Environment } from '../command-line/option-table.ts'
import { homeFolder } from '../home-folder.ts'

/** What decides about the folder; handed in by tests. */
export type Machine = { readonly platform: NodeJS.Platform; readonly home: string }

/**
 * `voltdrop` in XDG_CONFIG_HOME if that is an absolute path, as the XDG Base Directory Specification demands; else where the system
 * keeps such files.
 */
export function configFolder(
  environment: Environment,
  { platform, home }: Machine = { platform: process.platform, home: homeFolder() },
): string {
  const { isAbsolute, join } = platform === 'win32' ? path.win32 : path.posix
  const named = environment['XDG_CONFIG_HOME']
  if (named !== undefined && isAbsolute(named)) return join(named, 'voltdrop')
  if (platform === 'win32') return join(home, 'AppData', 'Roaming', 'voltdrop')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'voltdrop')
  return join(home, '.config', 'voltdrop')
}
