/** Sizes, times and shares as people read them. */

const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `0 B`, `14.2 KiB`, `1.20 GiB`: three digits, powers of 1,024. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < SIZE_UNITS.length - 1) {
    value /= 1024
    unit++
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${SIZE_UNITS[unit] ?? ''}`
}

/** `0:07`, `12:30`, `1:02:03`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const tail = String(whole % 60).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${tail}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${tail}`
}

/** `33 ms`, `4.2 s`, `12:30`. */
export function formatElapsed(seconds: number): string {
  if (seconds < 1) return formatMs(seconds * 1000)
  return seconds < 60 ? `${seconds.toFixed(1)} s` : formatDuration(seconds)
}

/** `no faults`, `1 row`, `1,203 rows`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  if (count === 0) return `no ${many}`
  return count === 1 ? `1 ${one}` : `${count.toLocaleString('en')} ${many}`
}

/** `8.5 ms`, `33 ms`. */
export function formatMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}

/** Whole percent, never 100 before the last byte. An empty file is complete at once. */
export function percent(bytes: number, total: number): number {
  return total === 0 ? 100 : Math.floor((bytes / total) * 100)
}
