/** Where the files of the user are. */
import { homedir } from 'node:os'
import { parse } from 'node:path'

/**
 * The user's home folder. The root folder where the system knows none: in containers, users without a name and without HOME, for whom
 * container engines take that folder too. Never relative: an empty HOME must not mean the current folder.
 */
export function homeFolder(): string {
  return known() || parse(process.execPath).root
}

function known(): string {
  try {
    return homedir()
  } catch {
    return ''
  }
}
