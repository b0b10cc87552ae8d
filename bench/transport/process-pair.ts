/** Two processes and a transfer between them: one sends, one receives, and this process carries their signals. */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Job, SideMessage, SideReport } from './side.ts'

/** A working attempt opens in half a second; the agent starts another one after this long. */
const OPEN_WITHIN_MS = 3_000
const MAX_ATTEMPTS = 5
/** A side that has reported exits by itself; sometimes the native stack's threads prevent that, and then it is killed. */
const END_WITHIN_MS = 5_000

export type Stack = Job['stack']

export type Transfer = Omit<Job, 'stack' | 'role'> & {
  readonly sender: Stack
  readonly receiver: Stack
  /** Prefix of each side's command, to run it on another host. */
  readonly on?: { readonly sender: readonly string[]; readonly receiver: readonly string[] }
}

export type Transferred = {
  readonly sender: SideReport
  readonly receiver: SideReport
  /** Pairs of processes that were started until one opened. */
  readonly attempts: number
}

/** Runs one transfer. A pair that does not open in time is killed and another one started. */
export async function transferOnce(script: string, transfer: Transfer): Promise<Transferred> {
  for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts++) {
    const pair = new Pair(script, transfer)
    try {
      if (await pair.opens()) return { ...(await pair.finish()), attempts }
    } finally {
      pair.kill()
    }
  }
  throw new Error(`none of ${MAX_ATTEMPTS} attempts opened`)
}

class Pair {
  readonly #sending: ChildProcess
  readonly #receiving: ChildProcess
  readonly #sent: Promise<SideReport>
  readonly #received: Promise<SideReport>
  readonly #opened = Promise.withResolvers<boolean>()
  #sidesOpen = 0
  #timer: NodeJS.Timeout | undefined

  constructor(script: string, { sender, receiver, on, ...work }: Transfer) {
    this.#sending = startSide(script, on?.sender)
    this.#receiving = startSide(script, on?.receiver)
    this.#sent = this.#reportOf(this.#sending, this.#receiving)
    this.#received = this.#reportOf(this.#receiving, this.#sending)
    this.#received.catch((error: unknown) => this.#opened.reject(error))
    this.#sent.catch((error: unknown) => this.#opened.reject(error))
    this.#receiving.send({ ...work, stack: receiver, role: 'receive' } satisfies Job)
    this.#sending.send({ ...work, stack: sender, role: 'send' } satisfies Job)
  }

  /** False when the channel did not open on both sides in time. */
  opens(): Promise<boolean> {
    return this.#opened.promise
  }

  /** Both sides report, then both are told to finish. A side that exits early fails the run. */
  async finish(): Promise<{ sender: SideReport; receiver: SideReport }> {
    const receiver = await this.#received
    this.#sending.send({ type: 'finish' } satisfies SideMessage)
    const sender = await this.#sent
    this.#receiving.send({ type: 'finish' } satisfies SideMessage)
    const bothEnded = Promise.all([ended(this.#sending), ended(this.#receiving)])
    await Promise.race([bothEnded, pause(END_WITHIN_MS, undefined, { ref: false })])
    return { sender, receiver }
  }

  kill(): void {
    clearTimeout(this.#timer)
    this.#sending.kill('SIGKILL')
    this.#receiving.kill('SIGKILL')
  }

  #reportOf(side: ChildProcess, other: ChildProcess): Promise<SideReport> {
    return new Promise((resolve, reject) => {
      side.on('message', (message: SideMessage) => {
        if (message.type === 'report') resolve(message.report)
        else if (message.type === 'opened') this.#onOpened()
        else if (other.connected) other.send(message)
        // The attempt begins with the offer: starting the processes is not part of it.
        if (message.type === 'description')
          this.#timer ??= setTimeout(() => this.#opened.resolve(false), OPEN_WITHIN_MS)
      })
      side.once('exit', (code) => reject(new Error(`a side ended early with code ${code}`)))
    })
  }

  #onOpened(): void {
    if (++this.#sidesOpen < 2) return
    clearTimeout(this.#timer)
    this.#opened.resolve(true)
  }
}

/** Starts a side, which waits for its `Job`. */
export function startSide(script: string, prefix: readonly string[] = []): ChildProcess {
  const [command, ...rest] = [...prefix, process.execPath, script]
  return spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

export function ended(side: ChildProcess) {
  return side.exitCode === null && side.signalCode === null
    ? new Promise((resolve) => side.once('exit', resolve))
    : Promise.resolve()
}

/** Bundles a side as the agent is shipped; stripping types at run time would cost 48 MiB a side. */
export async function bundleSide(): Promise<string> {
  const outdir = fileURLToPath(new URL('../../node_modules/.cache/bench-transport', import.meta.url))
  await build({
    entryPoints: [fileURLToPath(new URL('./side.ts', import.meta.url))],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    external: ['node-datachannel'],
    // Some of werift's dependencies are CommonJS and call require.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  })
  return `${outdir}/side.mjs`
}

/** The median of `values`; of an even number of values the upper middle one. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

export const MIB = 1024 * 1024
/** A quick run moves this fraction of the bytes. */
export const QUICK_DIVISOR = 4

/** Runs every case once a round, so that a busy minute of the machine affects all of them. Returns the runs by case name. */
export async function takeTurns<Case extends { readonly name: string }, Run extends { mibPerSecond: number }>(
  rounds: number,
  cases: readonly Case[],
  run: (one: Case) => Promise<Run>,
): Promise<Map<string, Run[]>> {
  const results = new Map<string, Run[]>(cases.map(({ name }) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const one of cases) {
      const result = await run(one)
      results.get(one.name)?.push(result)
      console.error(`${round}/${rounds} ${one.name}: ${result.mibPerSecond.toFixed(1)} MiB/s`)
    }
  }
  return results
}
