/** The transports over loopback: speed, and CPU time and memory of each side. */
import {
  bundleSide,
  median,
  MIB,
  QUICK_DIVISOR,
  type Stack,
  takeTurns,
  transferOnce,
} from './process-pair.ts'
import type { SideReport } from './side.ts'

type Case = {
  readonly name: string
  readonly sender: Stack
  readonly receiver: Stack
  readonly mebibytes: number
  /** Left out of a quick run. */
  readonly isLong?: boolean
}

function fast(datagramBytes?: number): Stack {
  return datagramBytes === undefined ? { transport: 'fast' } : { transport: 'fast', datagramBytes }
}
const werift: Stack = { transport: 'werift' }
const NATIVE: Stack = 'node-datachannel'
function same(name: string, stack: Stack, mebibytes: number): Case {
  return {
    name,
    sender: stack,
    receiver: stack,
    mebibytes,
  }
}

const cases: readonly Case[] = [
  same('fast, 1,200-byte datagrams', fast(1_200), 256),
  same(
    'fast, 1,200-byte datagrams, loss-based',
    { transport: 'fast', datagramBytes: 1_200, congestion: 'newreno' },
    256,
  ),
  same('fast, 1,452-byte datagrams', fast(1_452), 256),
  same('fast, path MTU', fast(), 512),
  same('werift', werift, 64),
  same('node-datachannel', NATIVE, 256),
  { name: 'fast to node-datachannel', sender: fast(), receiver: NATIVE, mebibytes: 128 },
  { name: 'node-datachannel to fast', sender: NATIVE, receiver: fast(), mebibytes: 128 },
  { name: 'fast to werift', sender: fast(), receiver: werift, mebibytes: 32 },
  { name: 'werift to fast', sender: werift, receiver: fast(), mebibytes: 32 },
  { ...same('fast, 1,200-byte datagrams, 1 GiB', fast(1_200), 1_024), isLong: true },
  { ...same('fast, path MTU, 1 GiB', fast(), 1_024), isLong: true },
]

type Run = { readonly mibPerSecond: number; readonly sender: SideReport; readonly receiver: SideReport }

async function run(script: string, { sender, receiver, mebibytes }: Case, divisor: number): Promise<Run> {
  const bytes = Math.ceil((mebibytes * MIB) / divisor)
  const done = await transferOnce(script, { sender, receiver, bytes, messageBytes: 65_536 })
  return { ...done, mibPerSecond: bytes / MIB / (done.receiver.transferMs / 1_000) }
}

/** One line of the table. */
export type LoopbackRow = ReturnType<typeof summary>

function summary(name: string, runs: readonly Run[]) {
  function of(pick: (run: Run) => number, digits: number) {
    return Number(median(runs.map(pick)).toFixed(digits))
  }
  return {
    name,
    runs: runs.length,
    mibPerSecond: of((one) => one.mibPerSecond, 1),
    slowest: Number(Math.min(...runs.map((one) => one.mibPerSecond)).toFixed(1)),
    fastest: Number(Math.max(...runs.map((one) => one.mibPerSecond)).toFixed(1)),
    openMs: of((one) => Math.max(one.sender.openMs, one.receiver.openMs), 0),
    senderCpuSeconds: of((one) => one.sender.cpuSeconds, 2),
    receiverCpuSeconds: of((one) => one.receiver.cpuSeconds, 2),
    senderPeakMib: of((one) => one.sender.peakRssBytes / MIB, 0),
    receiverPeakMib: of((one) => one.receiver.peakRssBytes / MIB, 0),
  }
}

/** Measures the cases whose name contains `filter`: medians of `rounds` runs. */
export async function measureLoopback(options: {
  readonly isQuick: boolean
  readonly rounds: number
  readonly filter: string | undefined
}): Promise<LoopbackRow[]> {
  const { isQuick, rounds, filter } = options
  const script = await bundleSide()
  const chosen = cases.filter(({ name, isLong }) =>
    filter === undefined ? !(isQuick && isLong) : name.includes(filter),
  )
  const results = await takeTurns(rounds, chosen, (one) => run(script, one, isQuick ? QUICK_DIVISOR : 1))
  return [...results].map(([name, runs]) => summary(name, runs))
}

/** The table in Markdown. */
export function loopbackMarkdown(rows: readonly LoopbackRow[]): string {
  return [
    '| over loopback | MiB/s (range) | open ms | CPU s sender / receiver | peak MiB sender / receiver |',
    '|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.name} | ${row.mibPerSecond} (${row.slowest}-${row.fastest}) | ${row.openMs} ` +
        `| ${row.senderCpuSeconds} / ${row.receiverCpuSeconds} | ${row.senderPeakMib} / ${row.receiverPeakMib} |`,
    ),
  ].join('\n')
}
