/** Runs test files one after the other in this process, each as a suite with hooks of its own, and reports the CPU time of each. */
import { relative } from 'node:path'
import { after, before, suite } from 'node:test'
import { closeKept, startKeeping } from '../support/keep.ts'
import { cpuTimeMs } from './cpu-time.ts'
import { costMessage } from './report.ts'

/** Takes absolute paths; to be called while the main module of the process is evaluated. */
export function runFiles(files: readonly string[]): void {
  startKeeping()
  after(closeKept)
  for (const file of files) {
    const name = relative(process.cwd(), file)
    suite(name, async (context) => {
      let startedAtMs = 0
      before(() => {
        startedAtMs = cpuTimeMs()
      })
      await import(file)
      // The last hook: what the file closes is part of what it costs.
      after(() => context.diagnostic(costMessage({ file: name, cpuMs: cpuTimeMs() - startedAtMs })))
    })
  }
}
