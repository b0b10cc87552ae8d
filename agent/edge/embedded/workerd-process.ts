/** The process in which the Worker runs: whether it can run here at all, and that it ends with this one. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { VoltdropError } from '../../../protocol/errors.ts'
import { codeOf } from '../../files/system-errors.ts'
import { escapeText } from '../../terminal/escape.ts'

/** `--version` answers in milliseconds; a program that does not will not run either. */
const VERSION_MS = 4_000

/** The program that the Miniflare at this address (file:) starts, unless its variable names another. */
export function workerdOf(miniflare: string): string {
  const { default: path } = createRequire(miniflare)('workerd') as { readonly default: string }
  return path
}

/** Runs it once, because Miniflare reports a program that cannot run in many ways or not at all. @throws VoltdropError `not_possible_here`. */
export async function requireWorkerd(path: string): Promise<void> {
  try {
    await promisify(execFile)(path, ['--version'], { timeout: VERSION_MS, killSignal: 'SIGKILL' })
  } catch (error) {
    throw new VoltdropError('not_possible_here', `workerd does not run here: ${reasonOf(error, path)}`, {
      cause: error,
    })
  }
}

function reasonOf(error: unknown, path: string): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  const [line = ''] = said.split('\n')
  if (line !== '') return escapeText(line.slice(0, 200))
  const code = codeOf(error)
  // The kernel says the same of a program whose loader is missing, as one for another C library.
  if (code === 'ENOENT') return `${escapeText(path)} is missing, or made for another system`
  if (code === 'EACCES') return `${escapeText(path)} may not be run`
  return `${escapeText(path)} ended without a word`
}

/** Reads process ids, the last of which counts; when whoever wrote them has ended, so must that process. */
const GUARD = 'pid=; while read -r line; do pid=$line; done; [ -z "$pid" ] || kill -9 "$pid"'

export type ProcessGuard = { release(): void }

/**
 * From now on every process of this program ends with this one, even when this one is killed: a shell that waits for the end of a
 * pipe kills it then. Windows has no such shell: there workerd stays behind when this process is killed.
 */
export function guardWorkerd(path: string): ProcessGuard {
  const guard = process.platform === 'win32' ? undefined : startGuard()
  function tell(pid: number | undefined): void {
    guard?.stdin?.write(`${pid ?? ''}\n`)
  }
  // Miniflare keeps the process to itself and starts another one after a crash.
  function onProcess(message: unknown): void {
    const { process: child } = message as { process: ChildProcess }
    // Without a listener, a failed start would end this process; Miniflare notices it by the missing answer.
    child.on('error', () => {})
    child.on('spawn', () => {
      if (child.spawnfile !== path) return
      tell(child.pid)
      child.on('exit', () => tell(undefined))
    })
  }
  subscribe('child_process', onProcess)
  return {
    release() {
      unsubscribe('child_process', onProcess)
      tell(undefined)
      guard?.stdin?.end()
    },
  }
}

function startGuard(): ChildProcess {
  // In a session of its own: Ctrl-C is for this process, and closing the terminal must not end the guard first.
  const guard = spawn('sh', ['-c', GUARD, 'voltdrop-guard'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.on('error', () => {
    // Without a shell nothing is guarded.
  })
  guard.stdin?.on('error', () => {})
  guard.unref()
  if (guard.stdin && 'unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref()
  return guard
}
