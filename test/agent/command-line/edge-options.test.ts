/** What `voltdrop edge` refuses before it starts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BLOCKED_PORTS } from '../../../agent/command-line/options/edge-options.ts'
import { parse, refused } from './parse-line.ts'

test('edge refuses an empty folder or address, a port that clients refuse, and a proxy that is no address', () => {
  assert.match(refused('edge --data='), /--data is empty/)
  assert.match(refused('edge --host='), /--host is empty/)
  assert.match(refused('edge --port 6000'), /--port 6000: .* choose another/)
  assert.match(refused('edge --behind-proxy proxy.example'), /--behind-proxy proxy\.example: an address/)
  const { proxies } = parse('edge --behind-proxy 10.0.0.0/8 --behind-proxy ::1') as { proxies: unknown }
  assert.deepEqual(proxies, [
    { address: '10.0.0.0', prefix: 8 },
    { address: '::1', prefix: 128 },
  ])
})

test('the ports that edge refuses are those to which fetch does not connect', async () => {
  assert.equal(BLOCKED_PORTS.size, 82)
  for (const port of BLOCKED_PORTS) {
    // oxlint-disable-next-line no-await-in-loop -- none of them connects
    const error: unknown = await fetch(`http://127.0.0.1:${port}/`).catch((failure: unknown) => failure)
    assert.match(String((error as Error).cause), /bad port/, String(port))
  }
})
