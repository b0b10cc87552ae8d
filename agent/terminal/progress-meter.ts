/** Rate and remaining time of a transfer. Pure: the clock is handed in. */

/** Rates are averaged over this long, so that a stall shows within seconds and a burst does not. */
const WINDOW_MS = 3000
/** Kept samples are at least this far apart, which bounds memory at any number of chunks. */
const SAMPLE_MS = 100

export type Rate = { readonly bytesPerSecond: number; readonly etaSeconds: number | undefined }

/** Follows how many bytes of `total` are done and how fast they come. */
export class ProgressMeter {
  readonly #total: number
  #samples: { atMs: number; bytes: number }[] = []

  constructor(total: number) {
    this.#total = total
  }

  /** Takes the byte count at `nowMs` (monotonic) and returns the rate over the last three seconds. */
  update(bytes: number, nowMs: number): Rate {
    const last = this.#samples.at(-1)
    if (last === undefined || nowMs - last.atMs >= SAMPLE_MS) this.#samples.push({ atMs: nowMs, bytes })
    while (this.#samples.length > 1 && nowMs - (this.#samples[1]?.atMs ?? nowMs) > WINDOW_MS)
      this.#samples.shift()
    const first = this.#samples[0]
    const elapsedMs = first === undefined ? 0 : nowMs - first.atMs
    const bytesPerSecond =
      first === undefined || elapsedMs <= 0 ? 0 : ((bytes - first.bytes) / elapsedMs) * 1000
    const etaSeconds = bytesPerSecond > 0 ? Math.ceil((this.#total - bytes) / bytesPerSecond) : undefined
    return { bytesPerSecond: Math.round(bytesPerSecond), etaSeconds }
  }
}
