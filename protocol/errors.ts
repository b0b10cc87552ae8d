/**
 * Every way in which a meeting or a transfer can fail: a stable code, one sentence, and what to do next, for the side that reads it.
 * Each boundary maps every code exactly once: close codes in room.ts, exit codes in agent/exit-codes.ts.
 * Failures of the HTTP interface are a closed set of their own in workers/http/problem.ts.
 */

/** By who reads it; `alone` for a command that has no other side, where the sender's does not fit. */
type Advice = string | { readonly sender: string; readonly receiver: string; readonly alone?: string }
/** `next` is for the side on which it failed, `there` for the other one, to which it was reported. */
type Explanation = { readonly says: string; readonly next: Advice; readonly there?: Advice }

/** Who reads an error, where the two sides do different things about it. */
export type Reader = 'sender' | 'receiver'

const failures = {
  internal: {
    says: 'Voltdrop had an internal error.',
    next: 'Run it again with --debug and report what it prints.',
    there: 'Ask the other side to run it again with --debug and to report what it prints.',
  },
  usage: { says: 'That command line is not understood.', next: 'See voltdrop --help.' },
  not_possible_here: {
    says: 'That cannot be done here.',
    next: 'Change what is named in brackets, then run it again.',
    there: 'It is for the other side to change.',
  },
  edge_unreachable: {
    says: 'The edge does not answer.',
    next: 'Check the address given by --edge or VOLTDROP_EDGE, and that the edge is running.',
  },
  edge_refused: {
    says: 'The edge refused the request.',
    next: 'Read the reason it gave, correct the request and try again.',
  },
  not_an_edge: {
    says: 'There is no Voltdrop edge at that address.',
    next: 'Check the address; a sign-in page of the network or a proxy may also have answered in its place.',
  },
  edge_untrusted: {
    says: 'The certificate of the edge cannot be trusted.',
    next: 'Read the reason in brackets. Nothing was sent; do not go on before you know who answers there.',
  },
  no_edge_named: {
    says: 'No edge is named, and none runs on this machine.',
    next: 'Start one here with `voltdrop edge`, or name another with --edge URL or `voltdrop config edge URL`.',
  },
  rate_limited: {
    says: 'The edge received too many requests.',
    next: 'Wait a minute and try again.',
  },
  no_such_room: {
    says: 'No one is waiting under that code.',
    next: {
      sender: 'The room was closed: send again and pass on the new code.',
      receiver:
        'The code may have expired or been used, or the sender uses another edge: compare the addresses, then ask for a new code.',
    },
  },
  meeting_timeout: {
    says: 'The other side did not come in time.',
    next: {
      sender: 'Send again and give the new code to the receiver.',
      receiver: 'Ask the sender to send again, and for the new code.',
    },
  },
  bad_code: {
    says: 'That is not a valid code.',
    next: 'A code looks like 7-copper-lantern; check the words. No guess was used up.',
  },
  wrong_code: {
    says: 'The code was wrong, or someone interfered.',
    next: {
      sender: 'This code is spent: send again and pass on the new one.',
      receiver: 'This code is spent: ask the sender for a new one.',
    },
  },
  code_spent: {
    says: 'The code is spent: it was tried once, and it is never tried twice.',
    next: {
      sender: 'Send again and pass on the new code.',
      receiver: 'Ask for a new one: the sender sends again and passes on its new code.',
    },
  },
  declined: {
    says: 'The file was declined.',
    next: 'Nothing was saved. If that was a mistake, ask the sender to send again.',
    there: 'Nothing was saved. If that was a mistake, send again.',
  },
  bad_offer: {
    says: 'The offer of the other side cannot be accepted safely.',
    next: 'Ask the sender to rename or repack the file.',
    there: 'Rename or repack the file, then send again.',
  },
  no_path: {
    says: 'No direct or relayed path to the other side could be opened.',
    next: 'Name a TURN server with --ice-server, or try another network.',
  },
  interrupted: {
    says: 'It was interrupted before it was complete.',
    next: {
      alone: 'Run it again; no incomplete file was left behind under its name.',
      sender: 'Send again; no incomplete file was left behind under its name.',
      receiver: 'Ask the sender to send again; no incomplete file was left behind under its name.',
    },
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
    next: 'Wait until it is complete, then run it again.',
    there: 'Ask the sender to wait until it is complete and to send it again.',
  },
  source_unreadable: {
    says: 'The file cannot be read.',
    next: 'Check that it exists, is a file, and may be read.',
    there: 'Ask the sender to check that it exists, is a file, and may be read.',
  },
  bad_rows: {
    says: 'The rows of the file cannot be imported.',
    next: 'Correct the rows named above and run it again; rows that are stored already are not stored twice.',
  },
  file_exists: {
    says: 'A file of that name is already there.',
    next: 'Move it away or choose another folder or name with --out.',
    there: 'Ask the receiver to move it away or to receive under another name, then send again.',
  },
  not_writable: {
    says: 'The destination cannot be written.',
    next: 'Choose another folder or change its permissions.',
    there: 'Ask the receiver to choose another folder, then send again.',
  },
  swapped: {
    says: 'Where the file was saved, another file was put in its place.',
    next: 'Do not trust the file there. Receive again, into a folder that only its owner can write.',
    there: 'Tell the receiver not to trust the file there, and send again.',
  },
  disk_full: {
    says: 'There is not enough free space at the destination.',
    next: 'Make room, then run it again.',
    there: 'Ask the receiver to make room, then send again.',
  },
  too_large: {
    says: 'The file is larger than the receiver allows.',
    next: 'To take it, raise --max-size and ask the sender to send again.',
    there: 'Ask the receiver to allow it with --max-size, then send again.',
  },
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
  /** True when it happened on the other side, which reported it. */
  readonly isReported: boolean

  constructor(code: Failure, detail?: string, options?: ErrorOptions & { readonly isReported?: boolean }) {
    super(failures[code].says, options)
    this.code = code
    this.detail = detail
    this.isReported = options?.isReported ?? false
  }

  /** What the user can do about it. Without `reader`: a command that has no other side. */
  nextFor(reader?: Reader): string {
    const explanation: Explanation = failures[this.code]
    const advice = this.isReported ? (explanation.there ?? explanation.next) : explanation.next
    if (typeof advice === 'string') return advice
    return reader === undefined ? (advice.alone ?? advice.sender) : advice[reader]
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
