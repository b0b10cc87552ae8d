/** An HTTP proxy as companies have them: tunnels (CONNECT), plain requests and upgrades in absolute form, a user name and a password. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'

export type ForwardProxy = {
  readonly url: URL
  /** The method and the target of each request that had the right credentials. */
  readonly seen: string[]
}

export type ProxyOptions = {
  /** Where a host that only the proxy knows is: a port of this machine. Others are refused (403). */
  readonly hosts: Readonly<Record<string, number>>
  /** `NAME:PASSWORD`; absent: everybody is let through. */
  readonly credentials?: string
}

/** Starts one on a free port; it ends with the test. */
export async function startForwardProxy(t: TestContext, options: ProxyOptions): Promise<ForwardProxy> {
  const seen: string[] = []
  const sockets = new Set<Duplex>()
  const server = createServer((incoming, response) => {
    const status = refusal(incoming, options)
    if (status !== undefined) return void response.writeHead(status).end()
    seen.push(`${incoming.method} ${incoming.url}`)
    forward(incoming, response, options)
  })
  server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    sockets.add(socket.on('error', () => {}))
    const status = refusal(incoming, options)
    if (status !== undefined) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    seen.push(`CONNECT ${incoming.url}`)
    socket.write('HTTP/1.1 200 Connected\r\n\r\n')
    join(socket, connect(portOf(incoming, options) ?? 0, '127.0.0.1'))
  })
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket) => {
    sockets.add(socket.on('error', () => {}))
    const status = refusal(incoming, options)
    if (status !== undefined) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    seen.push(`upgrade ${incoming.url}`)
    const target = connect(portOf(incoming, options) ?? 0, '127.0.0.1')
    const { pathname } = new URL(incoming.url ?? '')
    const headers = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`)
    target.write(`GET ${pathname} HTTP/1.1\r\n${headers.join('')}\r\n`)
    join(socket, target)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), seen }
}

function refusal({ url, headers }: IncomingMessage, options: ProxyOptions): 403 | 407 | undefined {
  const expected = `Basic ${Buffer.from(options.credentials ?? '').toString('base64')}`
  if (options.credentials !== undefined && headers['proxy-authorization'] !== expected) return 407
  return portOf({ url }, options) === undefined ? 403 : undefined
}

function portOf({ url = '' }: { url?: string | undefined }, { hosts }: ProxyOptions): number | undefined {
  return hosts[new URL(url.includes('://') ? url : `http://${url}`).hostname]
}

function forward(incoming: IncomingMessage, response: ServerResponse, options: ProxyOptions): void {
  const { pathname, search } = new URL(incoming.url ?? '')
  const { 'proxy-authorization': _, ...headers } = incoming.headers
  const target = { host: '127.0.0.1', port: portOf(incoming, options), method: incoming.method, headers }
  const asked = request({ ...target, path: pathname + search }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  asked.on('error', () => response.destroy())
  incoming.pipe(asked)
}

function join(one: Duplex, other: Socket): void {
  one.pipe(other).pipe(one)
  other.on('error', () => {})
  for (const socket of [one, other]) socket.on('close', () => [one, other].forEach((end) => end.destroy()))
}
