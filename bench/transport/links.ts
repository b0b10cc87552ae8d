/**
 * The transports and the kernel's TCP across emulated links: payload a second at 50 ms with and without loss, and how a fast flow
 * shares a link with TCP cubic. A figure counts what arrived in a fixed time after the channel opened, start-up included.
 */
import { bdpBytesOf, FRAME_OVERHEAD_BYTES, type Link, type LinkCounters, openLab } from '../lab/lab.ts'
import { canRunTcp, runTcp, type TcpCongestion } from '../lab/iperf.ts'
import { bundleSide, median, type Stack, transferOnce } from './process-pair.ts'

const ROUND_TRIP_MS = 50
const SHARING_SECONDS = 25
/** Never reached: the time ends these transfers. */
const ENDLESS_BYTES = Number.MAX_SAFE_INTEGER
/** Small enough that the last one, which may not arrive whole, does not matter on a slow link. */
const MESSAGE_BYTES = 16_384

/**
 * Bytes of a frame that are not payload. Ethernet 14, IPv4 20; TCP 20 and its timestamps 12; or UDP 8, DTLS record 37
 * (AES-GCM, RFC 6347 and 5288), SCTP packet and DATA chunk 28 (RFC 9260 section 3).
 */
const TCP_HEADER_BYTES = 14 + 20 + 20 + 12
const WEBRTC_HEADER_BYTES = 14 + 20 + 8 + 37 + 28

export type Sender = { readonly name: string } & (
  | { readonly stack: Stack }
  | { readonly tcp: TcpCongestion; readonly withoutOffload?: boolean }
)

const fast: Sender = { name: 'fast', stack: { transport: 'fast', congestion: 'bbr' } }
const tcpBbr: Sender = { name: 'TCP bbr', tcp: 'bbr' }
const senders: readonly Sender[] = [
  fast,
  { name: 'fast, loss-based', stack: { transport: 'fast', congestion: 'newreno' } },
  { name: 'werift', stack: { transport: 'werift' } },
  { name: 'node-datachannel', stack: 'node-datachannel' },
  { name: 'TCP cubic', tcp: 'cubic' },
  tcpBbr,
  { name: 'TCP bbr without offload', tcp: 'bbr', withoutOffload: true },
]

export type LinkOptions = {
  readonly seconds: number
  readonly rounds: number
  /** Only links whose name contains this, `100 Mbit/s, 1 %` for instance. */
  readonly filter: string | undefined
}

type Run = {
  readonly bytesPerSecond: number
  readonly counters: LinkCounters
  readonly payloadShare: number
  /** Of a WebRTC stack. */
  readonly openMs?: number
  readonly attempts?: number
  readonly senderCpuSeconds?: number
}

/** Payload in bytes a second that a perfect sender could carry: every frame as large as the largest one seen, none lost. */
function payloadRate(link: Link, sender: Sender, { largestFrameBytes }: LinkCounters): number {
  const headers = 'tcp' in sender ? TCP_HEADER_BYTES : WEBRTC_HEADER_BYTES
  return (
    ((link.rateMbit * 1e6) / 8) * ((largestFrameBytes - headers) / (largestFrameBytes + FRAME_OVERHEAD_BYTES))
  )
}

async function flow(
  script: string,
  lab: Awaited<ReturnType<typeof openLab>>,
  sender: Sender,
  seconds: number,
) {
  if ('tcp' in sender) return { bytesPerSecond: await runTcp(lab, sender.tcp, seconds) }
  const done = await transferOnce(script, {
    sender: sender.stack,
    receiver: sender.stack,
    bytes: ENDLESS_BYTES,
    messageBytes: MESSAGE_BYTES,
    seconds,
    on: { sender: lab.on.a, receiver: lab.on.b },
  })
  return {
    bytesPerSecond: done.receiver.receivedBytes / (done.receiver.transferMs / 1_000),
    openMs: Math.max(done.sender.openMs, done.receiver.openMs),
    attempts: done.attempts,
    senderCpuSeconds: done.sender.cpuSeconds,
  }
}

async function runAlone(script: string, link: Link, sender: Sender, seconds: number): Promise<Run> {
  const lab = await openLab(link)
  if ('tcp' in sender && sender.withoutOffload === true) lab.stopOffload()
  let measured
  let counters
  try {
    measured = await flow(script, lab, sender, seconds)
  } finally {
    counters = (await lab.close())[0]
  }
  return {
    ...measured,
    counters,
    payloadShare: measured.bytesPerSecond / payloadRate(link, sender, counters),
  }
}

function available(sender: Sender) {
  return !('tcp' in sender) || canRunTcp(sender.tcp)
}
function round(value: number, digits: number) {
  return Number(value.toFixed(digits))
}

function summary(link: Link, sender: Sender, runs: readonly Run[]) {
  function of(pick: (run: Run) => number) {
    return median(runs.map(pick))
  }
  return {
    link: nameOf(link),
    sender: sender.name,
    runs: runs.length,
    megabytesPerSecond: round(of((run) => run.bytesPerSecond) / 1e6, 2),
    slowest: round(Math.min(...runs.map((run) => run.bytesPerSecond)) / 1e6, 2),
    fastest: round(Math.max(...runs.map((run) => run.bytesPerSecond)) / 1e6, 2),
    percentOfPayloadRate: round(100 * of((run) => run.payloadShare), 1),
    meanWaitMs: round(
      of((run) => run.counters.meanWaitMs),
      1,
    ),
    longestWaitMs: round(
      of((run) => run.counters.longestWaitMs),
      1,
    ),
    ...('tcp' in sender ? {} : openingOf(runs)),
  }
}

function openingOf(runs: readonly Run[]) {
  return {
    openMs: round(median(runs.map((run) => run.openMs ?? Number.NaN)), 0),
    openedAtOnce: runs.filter((run) => run.attempts === 1).length,
    senderCpuSeconds: round(median(runs.map((run) => run.senderCpuSeconds ?? Number.NaN)), 2),
  }
}

export type LinkRow = ReturnType<typeof summary>

export function nameOf({ rateMbit, lossPercent }: Link): string {
  return `${rateMbit === 1_000 ? '1 Gbit/s' : `${rateMbit} Mbit/s`}, ${lossPercent} %`
}

/** Every sender across every link: medians of `rounds` runs, each with other losses. */
export async function measureLinks({ seconds, rounds, filter }: LinkOptions): Promise<LinkRow[]> {
  const script = await bundleSide()
  const rows: LinkRow[] = []
  for (const rateMbit of [100, 1_000]) {
    for (const lossPercent of [0, 1, 5]) {
      const link = { rateMbit, roundTripMs: ROUND_TRIP_MS, lossPercent, queueBdp: 1, seed: 1 }
      if (!nameOf(link).includes(filter ?? '')) continue
      const chosen = senders.filter(available)
      const runs = chosen.map((): Run[] => [])
      // The senders take turns, so that a busy minute of the machine affects all of them.
      for (let seed = 1; seed <= rounds; seed++) {
        for (const [index, sender] of chosen.entries()) {
          const run = await runAlone(script, { ...link, seed }, sender, seconds)
          runs[index]?.push(run)
          console.error(`${seed}/${rounds} ${nameOf(link)} ${sender.name}: ${describe(run)}`)
        }
      }
      rows.push(...chosen.map((sender, index) => summary(link, sender, runs[index] ?? [])))
    }
  }
  return rows
}

function describe({ bytesPerSecond, payloadShare, counters, openMs, attempts, senderCpuSeconds }: Run) {
  return (
    `${(bytesPerSecond / 1e6).toFixed(2)} MB/s, ${(100 * payloadShare).toFixed(1)} %, ` +
    `queue ${counters.meanWaitMs.toFixed(1)}/${counters.longestWaitMs.toFixed(1)} ms` +
    (openMs === undefined
      ? ''
      : `, open ${openMs.toFixed(0)} ms at attempt ${attempts}, CPU ${senderCpuSeconds} s`)
  )
}

/** A flow beside one TCP cubic flow that starts with it, on a clean link of 100 Mbit/s with a queue of 1 BDP. */
export type SharingRow = {
  readonly sender: string
  readonly runs: number
  readonly megabytesPerSecond: number
  readonly cubicMegabytesPerSecond: number
  /** Of the link's payload rate. */
  readonly percent: number
  readonly cubicPercent: number
  readonly meanWaitMs: number
  readonly longestWaitMs: number
}

const sharedLink: Link = { rateMbit: 100, roundTripMs: ROUND_TRIP_MS, lossPercent: 0, queueBdp: 1, seed: 1 }
const cubic: Sender = { name: 'TCP cubic', tcp: 'cubic' }

async function runBeside(script: string, sender: Sender, seconds: number) {
  const lab = await openLab(sharedLink)
  let flows
  let counters
  try {
    flows = await Promise.all([flow(script, lab, sender, seconds), runTcp(lab, 'cubic', seconds, 5_202)])
  } finally {
    counters = (await lab.close())[0]
  }
  const [{ bytesPerSecond }, cubicBytesPerSecond] = flows
  return {
    bytesPerSecond,
    cubicBytesPerSecond,
    share: bytesPerSecond / payloadRate(sharedLink, sender, counters),
    cubicShare: cubicBytesPerSecond / payloadRate(sharedLink, cubic, counters),
    counters,
  }
}

/** How a fast flow, and for comparison TCP bbr, shares a link with TCP cubic. */
export async function measureSharing({ rounds }: Pick<LinkOptions, 'rounds'>): Promise<SharingRow[]> {
  const script = await bundleSide()
  const rows: SharingRow[] = []
  if (!canRunTcp('cubic')) return rows
  for (const sender of [fast, tcpBbr].filter(available)) {
    const runs: Awaited<ReturnType<typeof runBeside>>[] = []
    for (let index = 0; index < rounds; index++) {
      const run = await runBeside(script, sender, SHARING_SECONDS)
      runs.push(run)
      console.error(
        `${index + 1}/${rounds} ${sender.name} beside TCP cubic: ${(100 * run.share).toFixed(1)} % and ${(100 * run.cubicShare).toFixed(1)} %`,
      )
    }
    function of(pick: (run: (typeof runs)[number]) => number, digits: number) {
      return round(median(runs.map(pick)), digits)
    }
    rows.push({
      sender: sender.name,
      runs: runs.length,
      megabytesPerSecond: of((run) => run.bytesPerSecond / 1e6, 2),
      cubicMegabytesPerSecond: of((run) => run.cubicBytesPerSecond / 1e6, 2),
      percent: of((run) => 100 * run.share, 1),
      cubicPercent: of((run) => 100 * run.cubicShare, 1),
      meanWaitMs: of((run) => run.counters.meanWaitMs, 1),
      longestWaitMs: of((run) => run.counters.longestWaitMs, 1),
    })
  }
  return rows
}

/** How deep a queue a flow alone fills where there is room for four bandwidth-delay products. */
export type QueueRow = {
  readonly sender: string
  readonly peakBdp: number
  readonly meanWaitMs: number
  readonly percentOfPayloadRate: number
}

/** A fast flow and TCP cubic in front of a deep queue. */
export async function measureQueue({ seconds }: Pick<LinkOptions, 'seconds'>): Promise<QueueRow[]> {
  const script = await bundleSide()
  const link: Link = { ...sharedLink, queueBdp: 4 }
  const rows: QueueRow[] = []
  for (const sender of [fast, cubic].filter(available)) {
    const { counters, payloadShare } = await runAlone(script, link, sender, seconds)
    rows.push({
      sender: sender.name,
      peakBdp: round(counters.peakQueuedBytes / bdpBytesOf(link), 2),
      meanWaitMs: round(counters.meanWaitMs, 1),
      percentOfPayloadRate: round(100 * payloadShare, 1),
    })
  }
  return rows
}
