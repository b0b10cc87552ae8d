/** How quick a list stays while others ask for digests of exports, each of which reads the whole catalogue. */
import type { MeasuredEdge } from './edge.ts'
import { answerTimes, quantile } from './load.ts'
import type { Effort, Figure } from './measure.ts'

const READERS = 8
/** A reader that is told to wait does so for this long; the edge asks for more. */
const REFUSED_PAUSE_MS = 250

/** p50 and p90 of a page alone, beside readers of one digest, and beside readers that each ask for other filters. */
export async function measureListsBesideDigests({ url }: MeasuredEdge, effort: Effort): Promise<Figure[]> {
  const page = new URL('batteries', url)
  const alone = (await answerTimes([page], effort.requests))[0] ?? []
  const same = await beside(url, () => '', page, effort)
  // Filters that nobody has asked for: a digest that is remembered would cost nothing.
  let other = Date.now() % 1_000_000_000
  const distinct = await beside(url, () => `?max_mass_mg=${3_000_000_000 + other++}`, page, effort)
  return [
    ...figures('alone', alone),
    ...figures(`beside ${READERS} readers of one digest`, same, alone),
    ...figures(`beside ${READERS} readers of different digests`, distinct, alone),
  ]
}

function figures(name: string, times: readonly number[], alone?: readonly number[]): Figure[] {
  return ([0.5, 0.9] as const).map((share) => {
    const value = quantile(times, share)
    const compared =
      alone === undefined ? {} : { ratio: value / quantile(alone, share), ratioOf: 'by the page alone' }
    return { name: `page of 25, ${name}, p${share * 100}`, value, unit: 'ms', ...compared }
  })
}

async function beside(url: URL, query: () => string, page: URL, effort: Effort): Promise<number[]> {
  let isOver = false
  async function read(): Promise<void> {
    while (!isOver) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is what a reader does
      const response = await fetch(new URL(`batteries/export/digest${query()}`, url))
      // oxlint-disable-next-line no-await-in-loop
      await response.arrayBuffer()
      // oxlint-disable-next-line no-await-in-loop
      if (response.status === 429) await new Promise((resolve) => setTimeout(resolve, REFUSED_PAUSE_MS))
      else if (!response.ok) throw new Error(`a digest was answered ${response.status}`)
    }
  }
  const readers = Array.from({ length: READERS }, read)
  const [times = []] = await answerTimes([page], effort.requests)
  isOver = true
  await Promise.all(readers)
  return times
}
