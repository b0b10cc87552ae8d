/** DTLS flights that survive lossy paths, which those of werift 0.25.2 do not. */
import type { DtlsSocket } from './internals.ts'

/** A flight above this leaves as several datagrams: what Ethernet carries, less IPv6 and UDP headers and a tunnel. */
const MAX_FLIGHT_BYTES = 1_372

/**
 * Sends each DTLS flight as one datagram until `isOver`: werift handles the parts of a flight in the order they arrive, so
 * one lost or reordered part ends the handshake.
 */
export function joinFlights(dtls: DtlsSocket, isOver: () => boolean): void {
  const socket = dtls.transport.socket
  const send = socket.send.bind(socket)
  let flight: Buffer[] = []
  function flush() {
    // A flight that cannot be sent is retransmitted by its timer.
    for (const datagram of joined(flight, MAX_FLIGHT_BYTES)) send(datagram).catch(() => {})
    flight = []
  }
  socket.send = (datagram) => {
    if (isOver()) return send(datagram)
    if (flight.length === 0) queueMicrotask(flush)
    flight.push(datagram)
    return Promise.resolve()
  }
}

/**
 * Sends the ClientHello now. werift waits 100 ms, because a peer that does not listen yet would lose it: use this for peers
 * that keep early datagrams, as SocketGuard does.
 */
export function connectAtOnce(dtls: DtlsSocket): void {
  if (!dtls.connect) return
  const connect = dtls.connect.bind(dtls)
  let connecting: Promise<void> | undefined
  dtls.connect = () => (connecting ??= connect())
  // werift calls this again after its 100 ms and learns of a failure then.
  dtls.connect().catch(() => {})
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
