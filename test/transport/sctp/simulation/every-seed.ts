/**
 * Runs a seeded function for many seeds on every core, in worker threads that run this same file. A seed that fails or does not
 * end is reported with the command that repeats it. A heap that grows with the number of seeds is a failure too.
 */
import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { attack } from './fuzz.ts'
import { heapBytes } from './heap-bytes.ts'
import { runScenario } from './scenario.ts'

const subjects = {
  scenario: { run: runScenario, file: 'simulation.test.ts' },
  attack: { run: attack, file: 'fuzz.test.ts' },
} as const

export type Subject = keyof typeof subjects

/** Seeds that a worker is given at a time, and how long they may take: a hundred times the usual. */
const SLICE = 500
const SLICE_WITHIN_MS = 180_000
/** After the first slices the code is compiled and every pool filled: from then on the heap may vary by this much. */
const WARM_SLICES = 4
const MAX_GROWTH_BYTES = 4 * 1024 * 1024

type Report = { readonly failures: readonly string[]; readonly heapBytes: number }
type Work = { readonly subject: Subject; readonly currentSeed: Int32Array }

/** Runs the seeds from 1 to `count`; throws an AssertionError that lists what failed. */
export async function runEverySeed(subject: Subject, count: number): Promise<void> {
  const failures: string[] = []
  let next = 1
  async function work(): Promise<void> {
    const currentSeed = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { subject, currentSeed } satisfies Work,
    })
    const heaps: number[] = []
    while (next <= count && failures.length === 0) {
      const from = next
      next += SLICE
      worker.postMessage([from, Math.min(next, count + 1)])
      const report = await reportOf(worker)
      failures.push(...(report?.failures ?? [failure(subject, Atomics.load(currentSeed, 0), 'does not end')]))
      heaps.push(report?.heapBytes ?? 0)
    }
    await worker.terminate()
    const grown = Math.max(...heaps.slice(-2)) - Math.max(...heaps.slice(0, WARM_SLICES))
    if (heaps.length > 2 * WARM_SLICES && grown > MAX_GROWTH_BYTES)
      failures.push(`the heap grew by ${grown} bytes over ${heaps.length} slices of ${SLICE} seeds`)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  assert.deepEqual(failures, [])
}

/** Undefined when none comes in time. */
function reportOf(worker: Worker): Promise<Report | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Report | undefined>()
  const timer = setTimeout(() => resolve(undefined), SLICE_WITHIN_MS)
  worker.once('error', reject)
  worker.once('message', resolve)
  return promise.finally(() => {
    clearTimeout(timer)
    worker.off('error', reject)
  })
}

function failure(subject: Subject, seed: number, what: string): string {
  const { file } = subjects[subject]
  return `seed ${seed}: ${what}; repeat by VOLTDROP_SEED=${seed} npx node --test test/transport/sctp/simulation/${file}`
}

function serve({ subject, currentSeed }: Work): void {
  parentPort?.on('message', ([from, to]: [number, number]) => {
    const failures: string[] = []
    for (let seed = from; seed < to && failures.length === 0; seed++) {
      Atomics.store(currentSeed, 0, seed)
      try {
        subjects[subject].run(seed)
      } catch (error) {
        failures.push(failure(subject, seed, String(error)))
      }
    }
    parentPort?.postMessage({ failures, heapBytes: heapBytes() } satisfies Report)
  })
}

if (!isMainThread) serve(workerData as Work)
