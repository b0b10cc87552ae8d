/** Servers that answer as a test wants, and checks of how the agent fails. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingHttpHeaders, type RequestListener, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { exportFormats, exportMediaTypes } from '../../../protocol/catalogue/vocabulary.ts'
import { VoltdropError } from '../../../protocol/errors.ts'

/** The media type with which an edge answers a request successfully. */
function mediaTypeFor(url = '/'): string {
  const { pathname, searchParams } = new URL(url, 'http://edge')
  const as = exportFormats.find((format) => format === searchParams.get('as'))
  return pathname.endsWith('/export') && as !== undefined ? exportMediaTypes[as] : 'application/json'
}

/**
 * A server on a free port, which answers with an edge's media types unless `listener` sets others. `onUpgrade` gets the sockets of
 * WebSocket upgrades.
 */
export async function serve(
  t: TestContext,
  listener: RequestListener,
  onUpgrade?: (socket: Socket, key: string, headers: IncomingHttpHeaders) => void,
): Promise<URL> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', mediaTypeFor(request.url))
    listener(request, response)
  })
  if (onUpgrade)
    server.on('upgrade', (message, socket) =>
      onUpgrade(socket as Socket, message.headers['sec-websocket-key'] ?? '', message.headers),
    )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

/** For `assert.rejects`: a VoltdropError with this code, and a detail that matches. */
export function failsAs(code: string, detail?: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof VoltdropError, String(error))
    assert.equal(error.code, code)
    if (detail) assert.match(error.detail ?? '', detail)
    return true
  }
}
