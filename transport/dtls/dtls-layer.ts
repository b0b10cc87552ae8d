/** DTLS records over ICE datagrams, for a session whose handshake is over. */
import { asBuffer } from '../as-buffer.ts'
import type { Layer } from '../layer.ts'
import { report, type Trace } from '../trace-events.ts'
import { asTransportError, type TransportError } from '../transport-error.ts'
import { DtlsRecords, type RecordKeys } from './dtls-records.ts'

/** What the handshake leaves to the records. */
export type EstablishedDtls = {
  readonly keys: RecordKeys
  readonly isClient: boolean
  /** The number of the next record. The only counter of the session. */
  nextRecordNumber(): number
  /** Handles the peer's repeated Finished: it did not get our last flight, if that was ours to send. */
  repeatFlight(record: Buffer): void
}

export class DtlsLayer implements Layer {
  readonly #ice: Layer
  readonly #records: DtlsRecords
  #take: (packet: Buffer) => void = () => {}
  #onClosed: (reason: TransportError | undefined) => void = () => {}
  #hasEnded = false
  #isClosed = false

  constructor(ice: Layer, dtls: EstablishedDtls, trace: Trace | undefined) {
    this.#ice = ice
    this.#records = new DtlsRecords(dtls.keys, () => dtls.nextRecordNumber(), {
      onData: (content) => this.#take(content),
      onAlert: () => {
        report(trace, { event: 'dtls_closed' })
        this.#end(undefined)
      },
      onFinished: (record) => dtls.repeatFlight(record),
    })
    ice.onClosed((reason) => this.#end(reason))
    report(trace, { event: 'dtls_connected', role: dtls.isClient ? 'client' : 'server' })
  }

  send(packet: Uint8Array): void {
    try {
      this.#ice.send(this.#records.seal(packet))
    } catch (error) {
      // The record numbers are used up.
      this.#end(asTransportError(error))
    }
  }

  /** The peer's records are read from now on. */
  onPacket(take: (packet: Buffer) => void): void {
    this.#take = take
    this.#ice.onPacket((datagram) => this.#records.open(asBuffer(datagram)))
  }

  onClosed(take: (reason: TransportError | undefined) => void): void {
    this.#onClosed = take
  }

  /** Tells the peer, then closes what is below. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      this.#ice.send(this.#records.sealClose())
    } catch {
      // Without a record number left the peer is not told.
    }
    // The alert leaves in this turn of the event loop, the socket closes in the next.
    setImmediate(() => this.#ice.close())
  }

  #end(reason: TransportError | undefined): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#onClosed(reason)
  }
}
