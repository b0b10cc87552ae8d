/** Runs the built program as a child and measures it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { WRITE_TOKEN } from './edge.ts'
import { followMemory, type MemoryUse } from './memory.ts'

const program = join(import.meta.dirname, '../../dist/cli.js')

export type Ran = { readonly seconds: number; readonly memory: MemoryUse; readonly events: readonly Event[] }
type Event = { readonly t: string } & Readonly<Record<string, unknown>>

/** @throws Error unless it exits with 0. */
export async function runAgent(args: readonly string[]): Promise<Ran> {
  const begin = performance.now()
  const child = spawn(process.execPath, [program, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, VOLTDROP_TOKEN: WRITE_TOKEN },
  })
  const following = followMemory(child.pid)
  let printed = ''
  child.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  const seconds = (performance.now() - begin) / 1000
  const memory = following.stop()
  if (code !== 0) throw new Error(`voltdrop ${args.join(' ')} ended with ${code}: ${printed.slice(-2000)}`)
  const events = printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event)
  return { seconds, memory, events }
}
