/** Resident memory of a running process, as the kernel counts it. Linux only: elsewhere the values are NaN, shown as a dash. */
import { readFile } from 'node:fs/promises'
import { quantile } from './load.ts'

const SAMPLE_MS = 50

export type MemoryUse = {
  /** Peak, in MiB. */
  readonly peakMiB: number
  /**
   * The second half of the time divided by the first half: about 1 when memory does not grow with the work done. The 90th percentile of
   * each half, because single peaks of the garbage collector are chance.
   */
  readonly growth: number
}

async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '') // ended, or not Linux
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024
}

/** Samples a process until it is told to stop. Nothing can be read once the process has ended. */
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
