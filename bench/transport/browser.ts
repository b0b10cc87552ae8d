/** Both data paths with headless Chromium as the peer. */
import type { Browser } from 'playwright-core'
import { ChromiumPeer, launchChromium, noChromium } from './chromium.ts'
import { bundleSide, ended, median, MIB, QUICK_DIVISOR, startSide, takeTurns } from './process-pair.ts'
import type { Job, SideMessage, SideReport } from './side.ts'

const MESSAGE_BYTES = 65_536
const MEBIBYTES = { fast: 64, werift: 16 } as const

type Transport = keyof typeof MEBIBYTES
type Role = Job['role']
type Run = { readonly mibPerSecond: number; readonly node: SideReport }

const cases = (['fast', 'werift'] as const).flatMap((transport) =>
  (['send', 'receive'] as const).map((role) => ({
    name: role === 'send' ? `${transport} to Chromium` : `Chromium to ${transport}`,
    transport,
    role,
  })),
)

/** One transfer between a Node process, which offers when it sends, and a page. */
async function run(
  script: string,
  browser: Browser,
  transport: Transport,
  role: Role,
  bytes: number,
): Promise<Run> {
  const side = startSide(script)
  function tell(message: Job | SideMessage) {
    return void side.send(message)
  }
  const peer = await ChromiumPeer.open(browser, (candidate) => tell({ type: 'candidate', candidate }))
  try {
    const reported = new Promise<SideReport>((resolve, reject) => {
      side.once('exit', (code) => reject(new Error(`the Node side ended early with code ${code}`)))
      side.on('message', (message: SideMessage) => {
        if (message.type === 'candidate') void peer.addCandidate(message.candidate)
        if (message.type === 'report') resolve(message.report)
        if (message.type === 'description')
          void (role === 'send'
            ? peer.answer(message.sdp).then((sdp) => tell({ type: 'description', sdp }))
            : peer.accept(message.sdp))
      })
    })
    tell({ stack: { transport }, role, bytes, messageBytes: MESSAGE_BYTES })
    if (role === 'receive') tell({ type: 'description', sdp: await peer.offer() })
    await peer.opened()
    const [receivedMs] = await Promise.all([
      role === 'send' ? peer.receiveBytes(bytes) : undefined,
      role === 'receive' ? peer.sendBytes(bytes, MESSAGE_BYTES) : undefined,
    ])
    if (role === 'send') tell({ type: 'finish' })
    const node = await reported
    if (role === 'receive') tell({ type: 'finish' })
    await ended(side)
    return { mibPerSecond: bytes / MIB / ((receivedMs ?? node.transferMs) / 1_000), node }
  } finally {
    side.kill('SIGKILL')
    await peer.close()
  }
}

/** One line of the table. */
export type BrowserRow = ReturnType<typeof summary>

function summary(name: string, runs: readonly Run[]) {
  const speeds = runs.map(({ mibPerSecond }) => mibPerSecond)
  function of(pick: (node: SideReport) => number, digits: number) {
    return Number(median(runs.map(({ node }) => pick(node))).toFixed(digits))
  }
  return {
    name,
    runs: runs.length,
    mibPerSecond: Number(median(speeds).toFixed(1)),
    slowest: Number(Math.min(...speeds).toFixed(1)),
    fastest: Number(Math.max(...speeds).toFixed(1)),
    nodeCpuSeconds: of(({ cpuSeconds }) => cpuSeconds, 2),
    nodePeakMib: of(({ peakRssBytes }) => peakRssBytes / MIB, 0),
  }
}

/** Measures the cases whose name contains `filter`: medians of `rounds` runs. Undefined without Chromium. */
export async function measureBrowser(options: {
  readonly isQuick: boolean
  readonly rounds: number
  readonly filter: string | undefined
}): Promise<BrowserRow[] | undefined> {
  const chosen = cases.filter(({ name }) => name.includes(options.filter ?? ''))
  if (noChromium !== false || chosen.length === 0) {
    if (noChromium !== false) console.error(noChromium)
    return undefined
  }
  const script = await bundleSide()
  const browser = await launchChromium()
  const divisor = options.isQuick ? QUICK_DIVISOR : 1
  const results = await takeTurns(options.rounds, chosen, ({ transport, role }) =>
    run(script, browser, transport, role, (MEBIBYTES[transport] * MIB) / divisor),
  )
  await browser.close()
  return [...results].map(([name, runs]) => summary(name, runs))
}

/** The table in Markdown. */
export function browserMarkdown(rows: readonly BrowserRow[]): string {
  return [
    '| with headless Chromium | MiB/s (range) | CPU s of Node | peak MiB of Node |',
    '|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.name} | ${row.mibPerSecond} (${row.slowest}-${row.fastest}) | ${row.nodeCpuSeconds} | ${row.nodePeakMib} |`,
    ),
  ].join('\n')
}
