/** DTLS flights that survive lossy paths, which those of werift 0.25.2 do not. */
import type { DtlsSocket } from './internals.ts'

/** A flight above this leaves as several datagrams: what Ethernet carries, less IPv6 and UDP headers and a tunnel. */
const MAX_FLIGHT_BYTES = 1_372

export type Flights = {
  /** From then on everything leaves as it comes. */
  readonly isOver: () => boolean
  /** What is sent meanwhile is dropped. */
  readonly isMute: () => boolean
  /** May alter a datagram before it leaves. */
  readonly prepare: (datagram: Buffer) => void
}

/**
 * Sends each DTLS flight as one datagram until it is over: werift handles the parts of a flight in the order they arrive, so one
 * lost or reordered part would end the handshake of a peer that has no gate of ours.
 */
export function joinFlights(dtls: DtlsSocket, { isOver, isMute, prepare }: Flights): void {
  const { socket } = dtls.transport
  const send = socket.send.bind(socket)
  let flight: Buffer[] = []
  function flush() {
    for (const datagram of joined(flight, MAX_FLIGHT_BYTES)) {
      prepare(datagram)
      // A flight that cannot be sent is retransmitted by its timer.
      send(datagram).catch(() => {})
    }
    flight = []
  }
  socket.send = (datagram) => {
    if (isOver()) return send(datagram)
    if (isMute()) return Promise.resolve()
    if (flight.length === 0) queueMicrotask(flush)
    flight.push(datagram)
    return Promise.resolve()
  }
}

/**
 * Sends the ClientHello once, now if `atOnce`. werift waits 100 ms, because a peer that does not listen yet would lose it: not needed
 * for peers that keep early datagrams, as SocketGuard does.
 */
export function connectOnce(dtls: DtlsSocket, atOnce: boolean): void {
  if (!dtls.connect) return
  const connect = dtls.connect.bind(dtls)
  let connecting: Promise<void> | undefined
  // It fails when flights were repeated too often: what began the handshake decides whether to begin another.
  dtls.connect = () => (connecting ??= connect().catch(() => {}))
  if (atOnce) void dtls.connect()
}

/** `parts` in order, joined into as few datagrams of at most `maxBytes` as whole parts allow. */
export function joined(parts: readonly Buffer[], maxBytes: number): Buffer[] {
  const datagrams: Buffer[][] = []
  let bytes = Infinity
  for (const part of parts) {
    if (bytes + part.length > maxBytes) {
      datagrams.push([])
      bytes = 0
    }
    datagrams.at(-1)?.push(part)
    bytes += part.length
  }
  return datagrams.map((datagram) => Buffer.concat(datagram))
}
