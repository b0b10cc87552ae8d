/** Rate and remaining time of a transfer, and the words and bars that show them. Pure: the clock is handed in. */

/** Rates are averaged over this long, so that a stall shows within seconds and a burst does not. */
const WINDOW_MS = 3000
/** At least this long between two samples that are kept: bounds memory at any number of chunks. */
const SAMPLE_MS = 100

export type Rate = { readonly bytesPerSecond: number; readonly etaSeconds: number | undefined }

/** Follows how many bytes of `total` are there and how fast they come. */
export class ProgressMeter {
  readonly #total: number
  #samples: { atMs: number; bytes: number }[] = []

  constructor(total: number) {
    this.#total = total
  }

  /** Takes the byte count at `nowMs` (monotonic) and tells the rate over the last three seconds. */
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

/** `0 B`, `14.2 KiB`, `1.20 GiB`: three digits, powers of 1,024. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`
}

/** `0:07`, `12:30`, `1:02:03`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const tail = String(whole % 60).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${tail}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${tail}`
}

/** A bar of `width` characters for `share` 0 to 1. */
export function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width)
  return '█'.repeat(full) + '░'.repeat(width - full)
}

/** Whole percent, never 100 before the last byte. An empty file is complete at once. */
export function percent(bytes: number, total: number): number {
  return total === 0 ? 100 : Math.floor((bytes / total) * 100)
}
