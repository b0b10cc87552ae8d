/** The results of the emulated links as Markdown tables. */
import type { LinkRow, QueueRow, SharingRow } from './links.ts'

export type LinkResults = {
  readonly seconds: number
  readonly links: readonly LinkRow[]
  readonly sharing: readonly SharingRow[]
  readonly queue: readonly QueueRow[]
}

/** Tables for the README: speed, queue and opening for each link, then sharing, then the deep queue. */
export function linksMarkdown({ seconds, links, sharing, queue }: LinkResults): string {
  const rounds = links[0]?.runs ?? 0
  const tables = [
    `Medians of ${rounds}: payload MB/s (10^6 bytes) in the first ${seconds} s, and its share of the payload that the link can carry at that packet size.`,
    crosstab('50 ms, loss', links, (row) => `${row.megabytesPerSecond} (${row.percentOfPayloadRate} %)`),
    'Time in the queue, mean / longest ms (the queue holds 50 ms):',
    crosstab('50 ms, loss', links, (row) => `${row.meanWaitMs} / ${row.longestWaitMs}`),
    'Opening, ms (runs whose first attempt opened within 3 s); CPU seconds of the sender:',
    crosstab(
      '50 ms, loss',
      links.filter((row) => 'openMs' in row),
      (row) =>
        'openMs' in row ? `${row.openMs} (${row.openedAtOnce} of ${row.runs}); ${row.senderCpuSeconds}` : '',
    ),
    ...(sharing.length > 0 ? [sharingTable(sharing)] : []),
    ...(queue.length > 0 ? [queueTable(queue)] : []),
  ]
  return tables.join('\n\n')
}

function crosstab(corner: string, rows: readonly LinkRow[], cell: (row: LinkRow) => string): string {
  const senders = [...new Set(rows.map((row) => row.sender))]
  const lines = [...new Set(rows.map((row) => row.link))].map((link) => {
    const cells = senders.map((sender) => {
      const row = rows.find((one) => one.link === link && one.sender === sender)
      return row === undefined ? '-' : cell(row)
    })
    return `| ${[link, ...cells].join(' | ')} |`
  })
  return [`| ${[corner, ...senders].join(' | ')} |`, `|${'---|'.repeat(senders.length + 1)}`, ...lines].join(
    '\n',
  )
}

function sharingTable(rows: readonly SharingRow[]): string {
  return [
    '| beside one TCP cubic flow, 100 Mbit/s, 0 %, 25 s | MB/s (share) | cubic MB/s (share) | queue, mean / longest ms |',
    '|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.sender} | ${row.megabytesPerSecond} (${row.percent} %) ` +
        `| ${row.cubicMegabytesPerSecond} (${row.cubicPercent} %) | ${row.meanWaitMs} / ${row.longestWaitMs} |`,
    ),
  ].join('\n')
}

function queueTable(rows: readonly QueueRow[]): string {
  return [
    '| alone with a queue of 4 BDP, 100 Mbit/s, 0 % | largest queue, BDP | mean wait, ms | share of payload rate |',
    '|---|---|---|---|',
    ...rows.map(
      (row) => `| ${row.sender} | ${row.peakBdp} | ${row.meanWaitMs} | ${row.percentOfPayloadRate} % |`,
    ),
  ].join('\n')
}
