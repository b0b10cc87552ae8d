/** Reports a transfer's progress as events, and its end as the last event. */
import { basename } from 'node:path'
import type { FileSums } from '../../peer/transfer/file-digest.ts'
import type { OnProgress } from '../../peer/transfer/send-file.ts'
import { EXIT_OK } from '../exit-codes.ts'
import { systemClock } from '../clock.ts'
import type { Context } from '../context.ts'
import type { Role } from '../terminal/events.ts'
import { ProgressMeter } from '../terminal/progress-meter.ts'

/** While nothing moves, the rate is reported this often: the last one must not stay on the screen when the other side is gone. */
const TICK_MS = 1_000

type Done = (file: { readonly name: string } | { readonly path: string }, sums: FileSums) => void

export type Follower = {
  readonly onProgress: OnProgress
  /** With the offered name on the sender, with the absolute path of the saved file on the receiver. */
  readonly done: Done
  /** Ends the reports. */
  readonly stop: () => void
}

export function followTransfer(role: Role, { terminal }: Pick<Context, 'terminal'>): Follower {
  let meter: ProgressMeter | undefined
  let startedMs = systemClock.now()
  let done = 0
  let whole = 0
  function report(): void {
    if (meter === undefined) return
    const { bytesPerSecond, etaSeconds } = meter.update(done, systemClock.now())
    terminal.report({
      t: 'progress',
      role,
      bytes: done,
      total: whole,
      bytes_per_second: bytesPerSecond,
      eta_seconds: etaSeconds,
    })
  }
  const ticking = setInterval(() => {
    if (done < whole) report()
  }, TICK_MS)
  return {
    onProgress(bytes, total) {
      if (meter === undefined) startedMs = systemClock.now()
      meter ??= new ProgressMeter(total)
      done = bytes
      whole = total
      report()
    },
    done(file, { size, sha256, crc32 }) {
      const seconds = (systemClock.now() - startedMs) / 1000
      terminal.report({
        t: 'done',
        role,
        name: 'name' in file ? file.name : basename(file.path),
        path: 'path' in file ? file.path : undefined,
        exit: EXIT_OK,
        bytes: size,
        sha256,
        crc32,
        seconds: Math.round(seconds * 1000) / 1000,
        bytes_per_second: Math.round(size / Math.max(seconds, 0.001)),
      })
    },
    stop: () => clearInterval(ticking),
  }
}
