/** A door in front of a server that shows what reaches the Worker. */
import { once } from 'node:events'
import { type IncomingMessage, request, type RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { type Door, type DoorOptions, openDoor } from '../../../../agent/edge/door/door.ts'
import { serve } from '../../../support/edge/fake-edge.ts'

export async function doorOf(t: TestContext, options: Partial<DoorOptions> = {}): Promise<Door> {
  const usual = { host: '127.0.0.1', port: 0, proxies: [], allowedOrigins: [], tokenHashes: [] }
  const door = await openDoor({ ...usual, ...options })
  t.after(() => door.close())
  return door
}

const echo: RequestListener = (incoming, outgoing) => {
  const open = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' }
  outgoing.writeHead(200, open).end(JSON.stringify({ url: incoming.url, headers: incoming.headers }))
}

/** A door that leads to a server which answers with what it was asked. */
export async function echoDoor(t: TestContext, options: Partial<DoorOptions> = {}): Promise<Door> {
  const door = await doorOf(t, options)
  door.leadTo(await serve(t, echo))
  return door
}

export type Sent = { readonly path?: string; readonly method?: string; readonly host?: string }

/** A request with any headers; `fetch` would not send some of these. */
export async function ask(
  { address: { port } }: Door,
  headers: Record<string, string | string[]> = {},
  { path = '/', method = 'GET', host = '127.0.0.1' }: Sent = {},
) {
  const sent = request({ host, port, path, method, headers, agent: false, setHost: !('host' in headers) })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const body: unknown = JSON.parse(await text(response))
  return { status: response.statusCode, headers: response.headers, body }
}
