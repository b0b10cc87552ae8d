/** A real coturn on the loopback, with a shared secret (TURN REST API). Tests that need it are skipped where it is not installed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { temporaryFolder } from '../temporary-folder.ts'

/** For `skip`: false when coturn is installed, else the reason. */
export const noCoturn =
  spawnSync('turnserver', ['--version']).error === undefined
    ? false
    : 'there is no turnserver: install coturn'

/** Credentials of its REST API, valid for a minute. */
export function coturnLogin({ secret }: Coturn): { username: string; credential: string } {
  const username = `${Math.floor(Date.now() / 1_000) + 60}:test`
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') }
}

export type Coturn = { readonly url: string; readonly secret: string }

/** Starts one on a free port; it ends with the test. */
export async function startCoturn(t: Parameters<typeof temporaryFolder>[0]): Promise<Coturn> {
  const [folder, port] = [await temporaryFolder(t), await freeUdpPort()]
  const secret = 'a secret of this test'
  const args = ['-n', '-L', '127.0.0.1', '-E', '127.0.0.1', '-p', String(port), '-r', 'voltdrop']
  const rest = ['--use-auth-secret', `--static-auth-secret=${secret}`, '--allow-loopback-peers', '--no-cli']
  const quiet = ['--no-tls', '--no-dtls', '--no-tcp', '-b', path.join(folder, 'turndb')]
  const log = ['--log-file=stdout', '--simple-log', '--pidfile', path.join(folder, 'pid')]
  const child = spawn('turnserver', [...args, ...rest, ...quiet, ...log], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const exited = once(child, 'exit')
  t.after(async () => {
    child.kill('SIGKILL')
    await exited
  })
  await ready(child)
  return { url: `turn:127.0.0.1:${port}`, secret }
}

/** Waits for its last log line, about its database; by then it listens. */
async function ready(child: ChildProcess): Promise<void> {
  if (!child.stdout) throw new TypeError('no output to follow')
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('SQLite DB connection success')) {
      child.stdout.resume()
      return
    }
  }
  throw new Error('coturn ended before it was ready')
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}
