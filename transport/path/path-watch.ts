/** Keeps one association at the size that its path takes: searches the path MTU, and starts again when the path changes. */
import { isIPv6 } from 'node:net'
import { DTLS_RECORD_OVERHEAD_BYTES } from '../dtls/dtls-records.ts'
import type { Association } from '../sctp/association.ts'
import { TimerSet } from '../timer-set.ts'
import { report, type Trace } from '../trace-events.ts'
import type { IcePath } from '../werift/ice-path.ts'
import { largestUnfragmentedDatagram } from './interface-mtu.ts'
import { PathMtu } from './path-mtu.ts'

/** RFC 8831 section 5: until the path is known, 1,200 bytes of IPv4 and 1,280 of IPv6; here less IP and UDP headers. */
const BASE_DATAGRAM_BYTES = { ipv4: 1_200 - 28, ipv6: 1_280 - 48 } as const

/** A TURN Send indication around a datagram (RFC 8656 section 11), the larger of the two encapsulations. */
const RELAY_OVERHEAD_BYTES = 36

/**
 * The most that other stacks get in one record: libwebrtc reads a record into 2,048 bytes and takes a longer one for the
 * end of the connection (kMaxDtlsPacketLen, 2026-11). TLS alone would allow 16 KiB.
 */
const MAX_FOREIGN_RECORD_BYTES = 2_048

/** How often the path is checked, and retransmission timeouts in a row that mean a black hole (RFC 8899 section 4.3). */
const WATCH_MS = 1_000
const BLACK_HOLE_TIMEOUTS = 2

/** UDP payload in bytes that every path to `host` takes. */
export function baseDatagramBytes(host: string): number {
  return BASE_DATAGRAM_BYTES[isIPv6(host) ? 'ipv6' : 'ipv4']
}

export type PathWatchOptions = {
  readonly baseBytes: number
  /** Undefined for a peer that is another stack. */
  readonly remoteMaxDatagramBytes: number | undefined
  readonly trace: Trace | undefined
}

export class PathWatch {
  readonly #association: Association
  readonly #ice: IcePath
  readonly #options: PathWatchOptions
  readonly #timers = new TimerSet()
  #mtu: PathMtu | undefined
  #pairName: string
  #isStopped = false

  constructor(association: Association, ice: IcePath, options: PathWatchOptions) {
    this.#association = association
    this.#ice = ice
    this.#options = options
    this.#pairName = ice.pairName
  }

  /** For an association that has opened. */
  async start(): Promise<void> {
    const interfaceBytes = await largestUnfragmentedDatagram(this.#ice.remoteHost)
    if (this.#isStopped || this.#association.state !== 'open') return
    this.#mtu = this.#search(interfaceBytes)
    this.#mtu.start()
    this.#watch(0, 0)
  }

  stop(): void {
    this.#isStopped = true
    this.#mtu?.stop()
    this.#timers.clear()
  }

  #search(interfaceBytes: number): PathMtu {
    const { baseBytes, remoteMaxDatagramBytes, trace } = this.#options
    const takesPadding = remoteMaxDatagramBytes !== undefined
    const peerBytes = remoteMaxDatagramBytes ?? MAX_FOREIGN_RECORD_BYTES + DTLS_RECORD_OVERHEAD_BYTES
    const unfragmentedBytes = this.#ice.usesOwnRelay ? interfaceBytes - RELAY_OVERHEAD_BYTES : interfaceBytes
    return new PathMtu({
      baseBytes,
      maxBytes: Math.min(unfragmentedBytes, peerBytes),
      probe: (bytes, onResult) => {
        report(trace, { event: 'path_mtu_probe', bytes })
        // werift's own SCTP throws on the PAD chunk behind a HEARTBEAT, which it should skip (RFC 4820).
        const by = takesPadding ? 'padding' : 'data'
        this.#association.probePath(bytes - DTLS_RECORD_OVERHEAD_BYTES, by, (arrived) => {
          if (!arrived) report(trace, { event: 'path_mtu_probe_lost', bytes })
          onResult(arrived)
        })
      },
      apply: (bytes) => {
        report(trace, { event: 'path_mtu', bytes })
        this.#association.setMaxPacketBytes(bytes - DTLS_RECORD_OVERHEAD_BYTES)
      },
      setTimer: (delayMs, call) => this.#timers.after(delayMs, call),
    })
  }

  /** Timeouts without a byte delivered between them mean that large packets vanish. With a new pair everything is measured again. */
  #watch(timeouts: number, deliveredBytes: number): void {
    this.#timers.after(WATCH_MS, () => {
      const { stats } = this.#association
      const hasDelivered = stats.deliveredBytes > deliveredBytes
      if (!hasDelivered && stats.timeouts - timeouts >= BLACK_HOLE_TIMEOUTS) this.#onBlackHole()
      if (this.#pairName !== this.#ice.pairName) this.#onNewPair()
      this.#watch(hasDelivered ? stats.timeouts : timeouts, stats.deliveredBytes)
    })
  }

  #onBlackHole(): void {
    report(this.#options.trace, { event: 'path_mtu_black_hole' })
    this.#mtu?.fallBack()
  }

  #onNewPair(): void {
    this.#pairName = this.#ice.pairName
    this.#ice.reportPath('pair_changed')
    this.#association.restartPath()
    this.#mtu?.pathChanged()
  }
}
