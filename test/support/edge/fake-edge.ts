/** Servers that answer as a test wants, and checks of how the agent fails. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type RequestListener, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { VoltdropError } from '../../../protocol/errors.ts'

/** A server on a free port. `onUpgrade` gets the sockets of WebSocket upgrades. */
export async function serve(
  t: TestContext,
  listener: RequestListener,
  onUpgrade?: (socket: Socket, key: string) => void,
): Promise<URL> {
  const server = createServer(listener)
  if (onUpgrade)
    server.on('upgrade', (message, socket) =>
      onUpgrade(socket as Socket, message.headers['sec-websocket-key'] ?? ''),
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
