/** Memory of a process while it works, as the kernel counts it. Linux only: elsewhere the values are NaN and the table shows a dash. */
import { readFile } from 'node:fs/promises'
import { quantile } from './load.ts'

const SAMPLE_MS = 50

export type MemoryUse = {
  /** The most that was resident, in MiB. */
  readonly peakMiB: number
  /**
   * What was resident in the second half of the time by what was in the first: about 1 when memory does not grow with what has been
   * done. The 90th percentile of each: a collector's single peaks are chance.
   */
  readonly growth: number
}

async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '') // over, or no Linux
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024
}

/** Follows a process until it is stopped: once the process has ended nothing can be read any more. */
export function followMemory(pid: number | undefined): { stop(): MemoryUse } {
  const samples: number[] = []
  const timer = setInterval(() => {
    if (pid !== undefined) void residentMiB(pid).then((now) => Number.isNaN(now) || samples.push(now))
  }, SAMPLE_MS)
  return {
    stop() {
      clearInterval(timer)
      if (samples.length < 2) return { peakMiB: Number.NaN, growth: Number.NaN }
      const half = Math.floor(samples.length / 2)
      function most(of: readonly number[], share: number): number {
        return quantile(
          of.toSorted((a, b) => a - b),
          share,
        )
      }
      const growth = most(samples.slice(half), 0.9) / most(samples.slice(0, half), 0.9)
      return { peakMiB: most(samples, 1), growth }
    },
  }
}
