/** Certificate authorities and certificates of a test's own, made by the openssl of the system. */
import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect, type Socket } from 'node:net'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { createServer } from 'node:tls'
import { promisify } from 'node:util'
import { temporaryFolder } from '../temporary-folder.ts'

const run = promisify(execFile)

/** For `skip`: false when there is an openssl that can sign in one command (3.0 and later), else the reason. */
export const noOpenssl =
  /^OpenSSL [3-9]/.exec(spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '') === null
    ? 'there is no openssl 3'
    : false

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

export type Certificate = { readonly key: string; readonly cert: string }

export type Authority = {
  /** Its certificate as PEM. */
  readonly file: string
  /** A certificate for a host, valid for two days; a negative number of days makes one that has expired. */
  sign(host: string, days?: number): Promise<Certificate>
}

/** An authority by the name of `Acme Network, Acme Root`, which only those trust who are given its file. */
export async function makeAuthority(t: TestContext): Promise<Authority> {
  const folder = await temporaryFolder(t)
  const [file, caKey] = [path.join(folder, 'ca.pem'), path.join(folder, 'ca.key')]
  const subject = ['-subj', '/O=Acme Network/CN=Acme Root']
  await run('openssl', ['req', '-x509', ...newKey, ...subject, '-days', '2', '-keyout', caKey, '-out', file])
  return {
    file,
    async sign(host, days = 2) {
      const base = path.join(folder, `${host}${days}`)
      const [cert, key, request] = [`${base}.pem`, `${base}.key`, `${base}.csr`]
      const extensions = [`subjectAltName=DNS:${host}`, 'basicConstraints=critical,CA:FALSE']
      const options = extensions.flatMap((extension) => ['-addext', extension])
      const asking = ['-new', ...newKey, '-subj', `/CN=${host}`, '-keyout', key, '-out', request]
      await run('openssl', ['req', ...asking, ...options])
      const issuer = ['-CA', file, '-CAkey', caKey, '-days', String(days), '-copy_extensions', 'copy']
      await run('openssl', ['x509', '-req', '-in', request, '-out', cert, ...issuer])
      return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
    },
  }
}

/** TLS on a free port in front of what listens on `port` of this machine. @returns the port. */
export async function tlsBefore(t: TestContext, port: number, certificate: Certificate): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer(certificate, (secure) => {
    const plain = connect(port, '127.0.0.1')
    for (const socket of [secure, plain]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => [secure, plain].forEach((other) => other.destroy()))
    }
    secure.pipe(plain).pipe(secure)
  })
  server.on('tlsClientError', () => {}) // a client that does not trust it
  server.listen(0, 'localhost')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
