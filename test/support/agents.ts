/** The built program as a user runs it: an edge with higher rate limits, and spawned agents that print NDJSON events. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { loadEdgeParts } from '../../agent/edge/embedded/edge-parts.ts'
import { type EmbeddedEdge, startEmbeddedEdge } from '../../agent/edge/embedded/embedded-edge.ts'
import type { AgentEvent } from '../../agent/terminal/events.ts'
import { refuseStaleBundle } from './bundle.ts'
import { keep } from './keep.ts'
import { withoutRateLimits } from './without-rate-limits.ts'

/** Made by `npm run bundle`, which `npm test` runs first. */
export const program = path.resolve(import.meta.dirname, '../../dist/cli.js')

/** Where the agents of this process note which codes they tried; not where this machine's user has such notes. */
const stateHome = mkdtempSync(path.join(tmpdir(), 'voltdrop-test-state-'))
process.once('exit', () => rmSync(stateHome, { recursive: true, force: true }))

/** A test fails when an agent prints nothing for this long, instead of hanging. */
const SILENCE_MS = 45_000

/** An edge for agents, shared by the files of one process. Its catalogue is read-only. */
export async function agentsEdge(): Promise<EmbeddedEdge> {
  const { value, close } = await keep(
    'edge of agents',
    () => startTestEdge(),
    (edge) => edge.close(),
  )
  return { ...value, close }
}

/** The embedded edge in this process, without the rate limits of a public one, because all agents of a test have the same address. */
export async function startTestEdge(vars: Record<string, string> = {}): Promise<EmbeddedEdge> {
  await refuseStaleBundle()
  const parts = await loadEdgeParts()
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'voltdrop-test-edge-'))
  const unlimited = withoutRateLimits(parts.config)
  const config = { ...unlimited, vars: { ...unlimited.vars, ...vars } }
  const edge = await startEmbeddedEdge(
    { ...parts, config },
    { host: '127.0.0.1', port: 0, dataFolder, log: () => {} },
  )
  return {
    ...edge,
    close: async () => {
      await edge.close()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}

type EventOf<T extends AgentEvent['t']> = Extract<AgentEvent, { t: T }>

export class Agent {
  readonly child: ChildProcess
  readonly events: AgentEvent[] = []
  stderr = ''
  /** Resolves with the exit code, or null after a signal. */
  readonly exit: Promise<number | null>
  #heard: () => void = () => {}
  #over = false

  constructor(child: ChildProcess) {
    this.child = child
    this.exit = once(child, 'close').then(([code]: (number | null)[]) => {
      this.#over = true
      this.#heard()
      return code ?? null
    })
    child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()))
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.events.push(JSON.parse(line) as AgentEvent)
        this.#heard()
      })
    }
  }

  /** The first event of a kind, past or future. */
  async event<T extends AgentEvent['t']>(kind: T): Promise<EventOf<T>> {
    for (;;) {
      const found = this.events.find((event): event is EventOf<T> => event.t === kind)
      if (found) return found
      assert.ok(!this.#over, `it ended before ${kind}: ${JSON.stringify(this.events.at(-1))} ${this.stderr}`)
      // oxlint-disable-next-line no-await-in-loop -- one event after the other
      await this.#next(kind)
    }
  }

  #next(kind: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited in vain for ${kind}`)), SILENCE_MS)
      this.#heard = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** The failure with which it ended. */
  async failure(): Promise<{ exit: number | null; code: string; detail: string | undefined }> {
    const exit = await this.exit
    const { code, detail } = await this.event('error')
    return { exit, code, detail }
  }
}

export type AgentOptions = {
  readonly input?: string
  readonly env?: Record<string, string>
  readonly cwd?: string
}

/** Runs `voltdrop` with `--json`; it is killed with the test if it has not ended. */
export function startAgent(
  t: { after: TestContext['after'] },
  args: readonly string[],
  options: AgentOptions = {},
): Agent {
  const child = spawn(process.execPath, [program, ...args, '--json'], {
    stdio: 'pipe',
    cwd: options.cwd,
    env: { ...process.env, XDG_STATE_HOME: stateHome, ...options.env },
  })
  child.stdin.end(options.input ?? '')
  const agent = new Agent(child)
  t.after(async () => {
    child.kill('SIGKILL')
    await agent.exit
  })
  return agent
}

/** A sender that has shown its code. */
export async function startSender(
  t: { after: TestContext['after'] },
  edge: EmbeddedEdge,
  file: string,
  ...more: string[]
): Promise<{ sender: Agent; code: string }> {
  const sender = startAgent(t, ['send', file, '--edge', edge.url.origin, ...more])
  const { code } = await sender.event('code')
  // Seated, so that a receiver finds it in the room.
  await sender.event('waiting')
  return { sender, code }
}

/** A receiver that takes the code from standard input. */
export function startReceiver(
  t: { after: TestContext['after'] },
  edge: EmbeddedEdge,
  code: string,
  ...more: string[]
): Agent {
  return startAgent(t, ['receive', '--edge', edge.url.origin, ...more], { input: `${code}\n` })
}
