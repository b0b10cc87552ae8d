/** CPU time of this process and of the programs that it has started. */
import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts in ticks of 10 ms whatever the kernel's own clock is. */
const TICK_MS = 10

/** Milliseconds, user and system, of this process and of every descendant, those that have ended included. Elsewhere than on Linux it is this process alone. */
export function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000 + descendantsMs(process.pid) + endedChildrenMs(process.pid)
}

function descendantsMs(pid: number): number {
  return childrenOf(pid).reduce(
    (sum, child) => sum + ownMs(child) + endedChildrenMs(child) + descendantsMs(child),
    0,
  )
}

function childrenOf(pid: number): number[] {
  return unlessGone(() => readdirSync(`/proc/${pid}/task`), []).flatMap((thread) =>
    unlessGone(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'), '')
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  )
}

function ownMs(pid: number): number {
  return fieldsMs(pid, 11)
}

function endedChildrenMs(pid: number): number {
  return fieldsMs(pid, 13)
}

/** Two neighbouring fields of /proc/PID/stat, counted after the name, which may contain blanks (proc_pid_stat(5)). */
function fieldsMs(pid: number, first: number): number {
  const stat = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[first] ?? 0) + Number(fields[first + 1] ?? 0)) * TICK_MS
}

/** A process may end while it is looked at, and /proc is Linux's own. */
function unlessGone<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
