/** Where this program keeps what outlasts a run, for one user on one machine: the places that each system has for that. */
import * as path from 'node:path'
import type { Environment } from '../command-line/option-table.ts'
import { homeFolder } from '../home-folder.ts'

/** What decides about the folders, beside the environment; handed in by tests. */
export type Machine = { readonly platform: NodeJS.Platform; readonly home: string }

function ownMachine(): Machine {
  return { platform: process.platform, home: homeFolder() }
}

/** For what it is told to remember. */
export function configFolder(environment: Environment, machine = ownMachine()): string {
  return userFolder([environment['XDG_CONFIG_HOME']], machine, {
    darwin: 'Library/Application Support',
    win32: 'AppData/Roaming',
    others: '.config',
  })
}

/** For what it must remember between two runs. */
export function stateFolder(environment: Environment, machine = ownMachine()): string {
  const windowsOwn = machine.platform === 'win32' ? environment['LOCALAPPDATA'] : undefined
  return userFolder([environment['XDG_STATE_HOME'], windowsOwn], machine, {
    darwin: 'Library/Application Support',
    win32: 'AppData/Local',
    others: '.local/state',
  })
}

/** For the database of an edge. */
export function dataFolder(environment: Environment, machine = ownMachine()): string {
  const share = '.local/share'
  return userFolder([environment['XDG_DATA_HOME']], machine, { darwin: share, win32: share, others: share })
}

type Usual = { readonly darwin: string; readonly win32: string; readonly others: string }

/**
 * `voltdrop` in the first folder that the environment names by an absolute path, as the XDG Base Directory Specification demands; else
 * in the usual one, which is given from the user's home.
 */
function userFolder(
  named: readonly (string | undefined)[],
  { platform, home }: Machine,
  usual: Usual,
): string {
  const { isAbsolute, join } = platform === 'win32' ? path.win32 : path.posix
  const chosen = named.find((folder) => folder !== undefined && isAbsolute(folder))
  if (chosen !== undefined) return join(chosen, 'voltdrop')
  const place = platform === 'win32' || platform === 'darwin' ? usual[platform] : usual.others
  return join(home, place, 'voltdrop')
}
