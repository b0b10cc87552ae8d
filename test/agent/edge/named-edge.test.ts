/** Which edge is used when, and what is said when there is none. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withEdge } from '../../../agent/edge/named-edge.ts'
import { rememberEdge } from '../../../agent/settings/remembered-edge.ts'
import type { AgentEvent } from '../../../agent/terminal/events.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { failsAs } from '../../support/edge/fake-edge.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

function context(environment: Record<string, string>) {
  const events: AgentEvent[] = []
  const terminal = { report: (event: AgentEvent) => void events.push(event), clear: () => {} }
  return { environment, terminal, events }
}

async function edgeOf(edge: URL | undefined, environment: Record<string, string>): Promise<string> {
  let used = ''
  await withEdge({ name: 'export', edge, edgeHeaders: undefined }, context(environment), async (known) => {
    used = known.edge.href
  })
  return used
}

test('an edge that is named wins over the remembered one, and that over the one of this machine', async (t) => {
  const environment = { XDG_CONFIG_HOME: await temporaryFolder(t) }
  assert.equal(await edgeOf(undefined, environment), 'http://127.0.0.1:8787/')
  await rememberEdge(new URL('https://remembered.example/'), environment)
  assert.equal(await edgeOf(undefined, environment), 'https://remembered.example/')
  assert.equal(await edgeOf(new URL('https://named.example/'), environment), 'https://named.example/')
})

test('when none is named and nothing listens on this machine, that is said; any other failure stays itself', async (t) => {
  const environment = { XDG_CONFIG_HOME: await temporaryFolder(t) }
  const refused = new VoltdropError('edge_unreachable', 'http://127.0.0.1:8787: nothing listens there', {
    cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
  })
  const lost = new VoltdropError('edge_unreachable', 'it broke off')
  for (const [edge, failure, code] of [
    [undefined, refused, 'no_edge_named'],
    [undefined, lost, 'edge_unreachable'],
    [new URL('http://127.0.0.1:8787/'), refused, 'edge_unreachable'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await assert.rejects(
      withEdge({ name: 'send', edge, edgeHeaders: undefined }, context(environment), () =>
        Promise.reject(failure),
      ),
      failsAs(code),
    )
  }
})

test('a proxy is named together with what does not go through it, and a SOCKS proxy is refused at once', async (t) => {
  const environment = {
    XDG_CONFIG_HOME: await temporaryFolder(t),
    HTTPS_PROXY: 'http://me:secret@proxy:3128',
  }
  const command = { edge: new URL('https://edge.example/'), edgeHeaders: undefined }
  const sending = context(environment)
  await withEdge({ ...command, name: 'send' }, sending, async () => {})
  assert.match(JSON.stringify(sending.events), /through the proxy proxy:3128; the file is not/)
  assert.doesNotMatch(JSON.stringify(sending.events), /secret/)
  const exporting = context(environment)
  await withEdge({ ...command, name: 'export' }, exporting, async () => {})
  assert.deepEqual(exporting.events, [])
  await assert.rejects(
    withEdge({ ...command, name: 'export' }, context({ ALL_PROXY: 'socks5h://proxy' }), async () => {}),
    failsAs('not_possible_here', /SOCKS/),
  )
})
