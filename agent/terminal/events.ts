/**
 * What an agent reports while it works: a closed union. `--json` prints each event as one line of JSON with the version first.
 * Within a version a field may be added, but not renamed or removed.
 */
import type { Failure } from '../../protocol/errors.ts'

/** The version of the event stream, the field `v` of each line. */
export const EVENTS_VERSION = 1

export type AgentEvent =
  /** The code is ready to be passed on; `receive` is the command for the other side. */
  | { readonly t: 'code'; readonly code: string; readonly receive: string; readonly expires_at: string }
  | { readonly t: 'waiting'; readonly expires_in_seconds: number | undefined }
  /** Key confirmation succeeded; `verify` is the string that both sides can compare. */
  | { readonly t: 'peer'; readonly verify: string }
  | {
      readonly t: 'path'
      readonly kind: 'direct' | 'relayed'
      readonly protocol: 'udp' | 'tcp'
      readonly rtt_ms: number | undefined
    }
  | { readonly t: 'offer'; readonly role: Role; readonly name: string; readonly bytes: number }
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
  | { readonly t: 'listening'; readonly url: string; readonly data: string; readonly writable: boolean }
  | { readonly t: 'warning'; readonly text: string }
  | {
      readonly t: 'error'
      readonly code: Failure
      readonly exit: number
      readonly says: string
      readonly detail: string | undefined
      readonly next: string
    }

export type Role = 'sender' | 'receiver'
