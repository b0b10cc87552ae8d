/**
 * `npm run bench:transport [-- --only loopback|links] [--quick] [--json]` compares the transports over loopback, with Chromium, and
 * across emulated links with the kernel's TCP as well. Each side is a process of its own; a figure is the median of several runs.
 * Prints Markdown, or one JSON document.
 */
import { cpus, release } from 'node:os'
import { parseArgs } from 'node:util'
import { canRunLab } from './lab/lab.ts'
import { measureLinks, measureQueue, measureSharing } from './transport/links.ts'
import { browserMarkdown, measureBrowser } from './transport/browser.ts'
import { linksMarkdown } from './transport/links-markdown.ts'
import { loopbackMarkdown, measureLoopback } from './transport/loopback.ts'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** One section instead of both. */
    only: { type: 'string' },
    /** Only cases whose name contains this. */
    filter: { type: 'string' },
    runs: { type: 'string' },
  },
})

const LOOPBACK_ROUNDS = { full: 5, quick: 3 }
const LINK_ROUNDS = { full: 5, quick: 1 }
const LINK_SECONDS = { full: 8, quick: 6 }

if (flags.only !== undefined && flags.only !== 'loopback' && flags.only !== 'links') {
  console.error('--only takes loopback or links')
  process.exit(2)
}

const effort = flags.quick ? 'quick' : 'full'
function roundsOf(rounds: typeof LINK_ROUNDS): number {
  return Number(flags.runs ?? rounds[effort])
}

async function measureAllLinks() {
  if (!canRunLab()) {
    console.error('no emulated links here: they need Linux, root, iproute2 and a C compiler')
    return undefined
  }
  const rounds = roundsOf(LINK_ROUNDS)
  const seconds = LINK_SECONDS[effort]
  const links = await measureLinks({ seconds, rounds, filter: flags.filter })
  if (flags.filter !== undefined) return { seconds, links, sharing: [], queue: [] }
  return { seconds, links, sharing: await measureSharing({ rounds }), queue: await measureQueue({ seconds }) }
}

const rounds = roundsOf(LOOPBACK_ROUNDS)
const loopback =
  flags.only === 'links'
    ? undefined
    : await measureLoopback({ isQuick: flags.quick, rounds, filter: flags.filter })
const browser =
  flags.only === 'links'
    ? undefined
    : await measureBrowser({ isQuick: flags.quick, rounds, filter: flags.filter })
const links = flags.only === 'loopback' ? undefined : await measureAllLinks()
const machine = { cores: cpus().length, kernel: release(), node: process.version }

if (flags.json) console.log(JSON.stringify({ machine, loopback, browser, links }))
else {
  console.log(`${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}`)
  if (loopback) console.log(`\nMedians of ${rounds}.\n\n${loopbackMarkdown(loopback)}`)
  if (browser) console.log(`\n${browserMarkdown(browser)}`)
  if (links) console.log(`\n${linksMarkdown(links)}`)
}
