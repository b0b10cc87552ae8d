/**
 * Path MTU discovery by probes that the peer acknowledges (RFC 8899): no ICMP message is trusted or needed. Sizes are of UDP
 * payloads. No I/O: probing, applying and timers are handed in.
 */

/** MAX_PROBES (RFC 8899 section 5.1.2): losses until a size is ruled out, since a single one may be chance. */
const MAX_PROBES_PER_SIZE = 3

/** PMTU_RAISE_TIMER (section 5.1.1). */
const RAISE_AFTER_MS = 600_000

/** After a black hole the path gets this long to settle before the next search. */
const SEARCH_AGAIN_AFTER_MS = 5_000

const ETHERNET_IPV4 = 1_472

/** Sizes of real paths: Ethernet less IPv6, PPPoE and tunnels, jumbo frames, large loopback packets. */
const PLATEAUS = [
  1_252,
  1_332,
  1_372,
  1_392,
  1_412,
  1_432,
  1_452,
  1_464,
  ETHERNET_IPV4,
  4_052,
  8_152,
  8_952,
  8_972,
  16_300,
  32_700,
]

export type PathMtuOptions = {
  /** What every path takes: the size to begin with and to fall back to. */
  readonly baseBytes: number
  /** The limit of the local interface and of the peer. */
  readonly maxBytes: number
  /** Sends a padded datagram of that size and reports whether the peer has acknowledged it. One at a time. */
  probe(datagramBytes: number, onResult: (arrived: boolean) => void): void
  /** Datagrams may be this large from now on. */
  apply(datagramBytes: number): void
  /** Calls back once; returns the cancellation. */
  setTimer(delayMs: number, call: () => void): () => void
}

export class PathMtu {
  readonly #options: PathMtuOptions
  readonly #sizes: readonly number[]
  /** Index of the largest size known to pass, and of the smallest known not to. */
  #passed = 0
  #refused: number
  #tries = 0
  /** Number of the current search; results of earlier ones are ignored. */
  #search = 0
  #cancelTimer: () => void = () => {}

  constructor(options: PathMtuOptions) {
    const { baseBytes, maxBytes } = options
    this.#options = options
    const between = PLATEAUS.filter((size) => size > baseBytes && size < maxBytes)
    this.#sizes = maxBytes > baseBytes ? [baseBytes, ...between, maxBytes] : [baseBytes]
    this.#refused = this.#sizes.length
  }

  /** The size in use. */
  get datagramBytes(): number {
    return this.#sizes[this.#passed] ?? this.#options.baseBytes
  }

  /** Searches upwards from the largest size known to pass. */
  start(): void {
    this.#restart(this.#sizes.length)
  }

  /** Datagrams of the current size no longer arrive: back to the base at once, and later a search below that size. */
  fallBack(): void {
    if (this.#passed === 0) return
    const refused = this.#passed
    this.stop()
    this.#passed = 0
    this.#options.apply(this.datagramBytes)
    this.#cancelTimer = this.#options.setTimer(SEARCH_AGAIN_AFTER_MS, () => this.#restart(refused))
  }

  /** The packets take another path: what was known is void. */
  pathChanged(): void {
    this.#passed = 0
    this.#options.apply(this.datagramBytes)
    this.start()
  }

  stop(): void {
    this.#search++
    this.#cancelTimer()
  }

  #restart(refused: number): void {
    this.stop()
    this.#refused = refused
    this.#tries = 0
    this.#probeNext()
  }

  #probeNext(): void {
    const search = this.#search
    const index = this.#next()
    const size = index === undefined ? undefined : this.#sizes[index]
    if (index === undefined || size === undefined) {
      const isHighest = this.#passed === this.#sizes.length - 1
      if (!isHighest) this.#cancelTimer = this.#options.setTimer(RAISE_AFTER_MS, () => this.start())
      return
    }
    this.#options.probe(size, (arrived) => {
      if (search !== this.#search) return
      if (arrived) {
        this.#tries = 0
        this.#passed = index
        this.#options.apply(size)
      } else if (++this.#tries === MAX_PROBES_PER_SIZE) {
        this.#tries = 0
        this.#refused = index
      }
      this.#probeNext()
    })
  }

  /** The largest size first, since it often passes; then Ethernet's; then by bisection. Undefined when the search is done. */
  #next(): number | undefined {
    if (this.#refused - this.#passed <= 1) return undefined
    if (this.#refused === this.#sizes.length) return this.#refused - 1
    const ethernet = this.#sizes.indexOf(ETHERNET_IPV4)
    if (ethernet > this.#passed && ethernet < this.#refused) return ethernet
    return (this.#passed + this.#refused) >> 1
  }
}
