/** Why the runtime of the embedded edge did not start, from what Miniflare and workerd say of it. */
import { VoltdropError } from '../../../protocol/errors.ts'
import { codeOf } from '../../files/system-errors.ts'
import { escapeText } from '../../terminal/escape.ts'

const MAX_REASON_CHARACTERS = 200

/** Any error of the start. One that is none of workerd's is returned as it is. */
export function startFailure(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || codeOf(error) !== 'ERR_RUNTIME_FAILURE') return error
  const said = error.message.split('Runtime stderr:\n')[1] ?? 'it ended at once'
  const [line = ''] = said.split('\n')
  const reason = messageOf(line)
  if (reason.includes('SQLite failed')) return databaseFailure(reason, folder, error)
  return new VoltdropError('not_possible_here', `workerd did not start: ${shown(reason)}`, { cause: error })
}

/** The database belongs to another user, is damaged, or the disk has no room for it. */
export function databaseFailure(reason: string, folder: string, cause: unknown): VoltdropError {
  // workerd names the expression that failed, then what SQLite says of it.
  const said = /SQLite failed; .* = (.*)$/s.exec(reason)?.[1] ?? reason
  return new VoltdropError('not_writable', `the database in ${folder}: ${shown(said)}`, { cause })
}

/** workerd writes a line of JSON for each entry of its log, and plain text before it has a log. */
function messageOf(line: string): string {
  try {
    const entry: unknown = JSON.parse(line)
    if (typeof entry === 'object' && entry !== null && 'message' in entry) return String(entry.message)
  } catch {
    // Plain text.
  }
  return line
}

function shown(reason: string): string {
  return escapeText(reason.replaceAll('\n', ' ').slice(0, MAX_REASON_CHARACTERS))
}
