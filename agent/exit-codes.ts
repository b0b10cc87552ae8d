/** The exit code of every failure. Codes are stable: scripts rely on them (README). */
import type { Failure } from '../protocol/errors.ts'

export const EXIT_OK = 0

const exitCodes = {
  internal: 1,
  usage: 2,
  not_possible_here: 2,
  bad_code: 2,
  edge_unreachable: 3,
  edge_refused: 3,
  not_an_edge: 3,
  edge_untrusted: 3,
  no_edge_named: 3,
  rate_limited: 3,
  no_such_room: 3,
  meeting_timeout: 3,
  wrong_code: 4,
  code_spent: 4,
  declined: 5,
  bad_offer: 5,
  too_large: 5,
  no_path: 6,
  interrupted: 7,
  tampered: 8,
  broken_protocol: 8,
  corrupt: 8,
  swapped: 8,
  source_changed: 9,
  source_unreadable: 9,
  bad_rows: 9,
  file_exists: 9,
  not_writable: 9,
  disk_full: 9,
  incompatible: 10,
  cancelled: 130,
} as const satisfies Record<Failure, number>

export type ExitCode = typeof EXIT_OK | (typeof exitCodes)[Failure]

/** What each code means, for help and man page. */
export const exitMeanings: Readonly<Record<ExitCode, string>> = {
  0: 'verified and saved',
  1: 'internal error',
  2: 'command line not understood, or not possible here',
  3: 'no one there, or the edge cannot be reached',
  4: 'wrong code, or one that is spent',
  5: 'declined',
  6: 'no network path to the other side',
  7: 'interrupted by the other side, the network or the system',
  8: 'damaged or altered data',
  9: 'local file: missing, existing, changed, or the disk is full',
  10: 'the other side runs an incompatible version',
  130: 'stopped by you',
}

/** The exit code for a failure, 1 to 130. */
export function exitCodeOf(failure: Failure): number {
  return exitCodes[failure]
}
