/**
 * What an agent reports while it works: a closed union. `--json` prints each event as one line of JSON with the version first.
 * Within a version a field may be added, but not renamed or removed.
 */
import type { Failure } from '../../protocol/errors.ts'
import type { EXIT_OK } from '../exit-codes.ts'

/** The version of the event stream, the field `v` of each line. */
export const EVENTS_VERSION = 1

export type AgentEvent =
  /** The code is ready to be passed on; `receive` is the command for the other side, which may have to be on this machine. */
  | {
      readonly t: 'code'
      readonly code: string
      readonly receive: string
      readonly this_machine_only: boolean
      readonly expires_at: string
    }
  | { readonly t: 'waiting'; readonly expires_in_seconds: number | undefined }
  /** Key confirmation succeeded; `verify` is the string that both sides can compare. */
  | { readonly t: 'peer'; readonly verify: string }
  | {
      readonly t: 'path'
      readonly kind: 'direct' | 'relayed'
      readonly protocol: 'udp' | 'tcp'
      readonly rtt_ms: number | undefined
    }
  /** `own_name` is what the file is called at the sender, where that is not a safe name; `save_as` another name that it gets here. */
  | {
      readonly t: 'offer'
      readonly role: Role
      readonly name: string
      readonly bytes: number
      readonly own_name?: string | undefined
      readonly save_as?: string | undefined
    }
  | {
      readonly t: 'progress'
      readonly role: Role
      readonly bytes: number
      readonly total: number
      readonly bytes_per_second: number
      readonly eta_seconds: number | undefined
    }
  /** The receiver has written, synced, published and verified the file. On the sender these are the receiver's values. */
  | {
      readonly t: 'done'
      readonly role: Role
      readonly name: string
      /** Where the receiver saved it, absolute; absent on the sender. */
      readonly path: string | undefined
      /** The exit code, as in `error`. */
      readonly exit: typeof EXIT_OK
      readonly bytes: number
      readonly sha256: string
      readonly crc32: string
      readonly seconds: number
      readonly bytes_per_second: number
    }
  | {
      readonly t: 'exported'
      readonly path: string
      readonly bytes: number
      readonly rows: number
      readonly revision: number
      readonly sha256: string
      readonly crc32: string
    }
  /** A finding about one place of an imported file; a remark does not reject the row. */
  | {
      readonly t: 'fault'
      readonly line: number
      readonly column: string | undefined
      readonly text: string
      readonly remark: boolean
    }
  /** The file has been read to its end. */
  | {
      readonly t: 'checked'
      readonly rows: number
      readonly faulty_rows: number
      readonly faults: number
      readonly remarks: number
    }
  | {
      readonly t: 'import_progress'
      readonly rows: number
      readonly total: number
      readonly rows_per_second: number
    }
  /** The edge has taken the rows, or would take them. */
  | {
      readonly t: 'imported'
      readonly dry_run: boolean
      readonly rows: number
      readonly created: number
      readonly updated: number
      readonly unchanged: number
      /** New products of the batteries. */
      readonly products_created: number
      readonly revision: number
    }
  | {
      readonly t: 'listening'
      readonly url: string
      /** Addresses for other machines; none: only this machine reaches the edge. */
      readonly others: readonly string[]
      readonly data: string
      readonly writable: boolean
    }
  /** What is remembered, and in which file. */
  | { readonly t: 'config'; readonly edge: string | undefined; readonly file: string }
  | { readonly t: 'warning'; readonly text: string }
  /** The result of the command itself, which people get on stdout too. */
  | { readonly t: 'help'; readonly text: string }
  | { readonly t: 'version'; readonly version: string }
  | {
      readonly t: 'error'
      readonly code: Failure
      readonly exit: number
      readonly says: string
      readonly detail: string | undefined
      readonly next: string
    }

/** An event that is what the command was asked for. */
export type Answer = Extract<AgentEvent, { t: 'help' | 'version' }>

export function isAnswer(event: AgentEvent): event is Answer {
  return event.t === 'help' || event.t === 'version'
}

export type Role = 'sender' | 'receiver'
