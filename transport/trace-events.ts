/**
 * What a connection reports about itself to a person who debugs it: flat events that JSON can hold. They name no address
 * and no content. Rare ones only; each has a stable name.
 */
import type { AssociationTraceEvent } from './sctp/trace.ts'
import type { TransportFailure } from './transport-error.ts'

/** Called with each event, in order. It must not throw. */
export type Trace = (event: TraceEvent) => void

/** `ms` is monotonic: milliseconds since the process began, with fractions. */
export type TraceEvent = ({ readonly ms: number } & ConnectionEvent) | AssociationTraceEvent

export type ConnectionEvent =
  /** ICE has a pair and DTLS is connected; and later, when ICE has changed to another pair. */
  | ({ readonly event: 'pair_selected' | 'pair_changed' } & TracedPath)
  /** A consent check (RFC 7675) was answered. */
  | { readonly event: 'ice_rtt'; readonly rtt_ms: number }
  /** No pair works, consent has expired, or (werift's data path) the peer broke the protocol. */
  | { readonly event: 'connection_failed'; readonly code: TransportFailure }
  | { readonly event: 'dtls_connected'; readonly role: 'client' | 'server' }
  /** The peer has sent close_notify or a fatal alert. */
  | { readonly event: 'dtls_closed' }
  /** A padded datagram of `bytes` (UDP payload) has left to find the path MTU, or was not answered. */
  | { readonly event: 'path_mtu_probe' | 'path_mtu_probe_lost'; readonly bytes: number }
  /** Datagrams may have `bytes` of UDP payload from now on. */
  | { readonly event: 'path_mtu'; readonly bytes: number }
  /** Datagrams of the present size vanish: `path_mtu` follows with the size that every path takes. */
  | { readonly event: 'path_mtu_black_hole' }

type TracedPath = {
  readonly kind: 'direct' | 'relayed'
  readonly protocol: 'udp' | 'tcp'
  readonly rtt_ms: number | undefined
}

/** Gives `event` to `trace` with the time, if anybody traces. */
export function report(trace: Trace | undefined, event: ConnectionEvent): void {
  trace?.({ ms: performance.now(), ...event })
}
