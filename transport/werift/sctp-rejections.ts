/** Rejected promises of werift's SCTP, which nothing handles in werift 0.25.2: one hostile packet would end the process. */
import type { SctpTransport } from './internals.ts'

/** Has `fail` called for each of them. */
export function catchRejections(transport: SctpTransport, fail: (error: unknown) => void): void {
  const handleData = transport.sctp.handleData.bind(transport.sctp)
  transport.sctp.handleData = (packet) => handleData(packet).catch(fail)
  transport.sctp.onReceive.allUnsubscribe()
  transport.sctp.onReceive.subscribe((...message) => {
    transport.datachannelReceive(...message).catch(fail)
  })
}
