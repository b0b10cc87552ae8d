/**
 * Every way in which a meeting or a transfer can fail: a stable code, one sentence, and what to do next.
 * Each boundary maps every code exactly once: close codes in room.ts, exit codes in agent/exit-codes.ts.
 * Failures of the HTTP interface are a closed set of their own in workers/http/problem.ts.
 */

type Explanation = { readonly says: string; readonly next: string }

const failures = {
  internal: {
    says: 'Voltdrop had an internal error.',
    next: 'Run it again with --debug and report what it prints.',
  },
  usage: { says: 'That command line is not understood.', next: 'See voltdrop --help.' },
  not_possible_here: {
    says: 'That is not possible on this machine.',
    next: 'Fix what is named in brackets, then run it again.',
  },
  edge_unreachable: {
    says: 'The edge does not answer.',
    next: 'Check the address given by --edge or VOLTDROP_EDGE, and that the edge is running.',
  },
  edge_refused: {
    says: 'The edge refused the request.',
    next: 'Read the reason it gave, correct the request and try again.',
  },
  rate_limited: {
    says: 'The edge received too many requests.',
    next: 'Wait a minute and try again.',
  },
  no_such_room: {
    says: 'No one is waiting under that code.',
    next: 'It may have expired or been used: ask the sender for a new code.',
  },
  meeting_timeout: {
    says: 'The other side did not come in time.',
    next: 'Send again and give the new code to the receiver.',
  },
  bad_code: {
    says: 'That is not a valid code.',
    next: 'A code looks like 7-copper-lantern; check the words. No guess was used up.',
  },
  wrong_code: {
    says: 'The code was wrong, or someone interfered.',
    next: 'This code is spent: the sender sends again and passes on a new one.',
  },
  declined: { says: 'The file was declined.', next: 'Nothing was saved. If that was a mistake, send again.' },
  bad_offer: {
    says: 'The offer of the other side cannot be accepted safely.',
    next: 'Ask the sender to rename or repack the file.',
  },
  no_path: {
    says: 'No direct or relayed path to the other side could be opened.',
    next: 'Name a TURN server with --ice-server, or try another network.',
  },
  interrupted: {
    says: 'The connection to the other side was lost before the file was complete.',
    next: 'Send again; no incomplete file was left behind under its name.',
  },
  tampered: {
    says: 'A message was altered in transit.',
    next: 'Nothing was saved. Try again over another network.',
  },
  broken_protocol: {
    says: 'The other side sent a message that the protocol does not allow.',
    next: 'Nothing was saved. Check that both sides run the same version.',
  },
  corrupt: {
    says: 'The data arrived damaged, several times.',
    next: 'Nothing was saved. Check memory and disk on both sides.',
  },
  source_changed: {
    says: 'The file changed while it was being sent.',
    next: 'Wait until it is complete, then send it again.',
  },
  source_unreadable: {
    says: 'The file cannot be read.',
    next: 'Check that it exists, is a file, and may be read.',
  },
  bad_rows: {
    says: 'The rows of the file cannot be imported.',
    next: 'Correct the rows named above and run it again; rows that are stored already are not stored twice.',
  },
  file_exists: {
    says: 'A file of that name is already there.',
    next: 'Move it away or choose another folder or name with --out.',
  },
  not_writable: {
    says: 'The destination cannot be written.',
    next: 'Choose another folder or change its permissions.',
  },
  disk_full: {
    says: 'There is not enough free space at the destination.',
    next: 'Make room, then receive again.',
  },
  too_large: { says: 'The file is larger than allowed here.', next: 'Raise --max-size if you want it.' },
  incompatible: {
    says: 'The two sides speak different versions of the protocol.',
    next: 'Update the older side.',
  },
  cancelled: { says: 'Interrupted by the user.', next: 'Start again when ready.' },
} as const satisfies Record<string, Explanation>

export type Failure = keyof typeof failures

/** A failure that a user can see. `detail` adds facts (a file, an address); it is never a secret and never unescaped text of the peer. */
export class VoltdropError extends Error {
  override readonly name = 'VoltdropError'
  readonly code: Failure
  readonly detail: string | undefined

  constructor(code: Failure, detail?: string, options?: ErrorOptions) {
    super(failures[code].says, options)
    this.code = code
    this.detail = detail
  }

  /** What the user can do about it. */
  get next(): string {
    return failures[this.code].next
  }
}

/** Every code, for tables that must cover all of them. */
export const failureCodes = Object.keys(failures) as Failure[]

/** True when `value` is a failure code. A code from a peer or a room must be checked with this. */
export function isFailure(value: unknown): value is Failure {
  return typeof value === 'string' && Object.hasOwn(failures, value)
}

/** Any thrown value as a VoltdropError: a VoltdropError unchanged, anything else as `fallback` with the original as cause. */
export function asVoltdropError(error: unknown, fallback: Failure = 'internal'): VoltdropError {
  return error instanceof VoltdropError ? error : new VoltdropError(fallback, undefined, { cause: error })
}
