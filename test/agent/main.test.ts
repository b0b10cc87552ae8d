/** The program as a process, from source: what it says of failures that no call of its own reports. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { temporaryFolder } from '../support/temporary-folder.ts'

const main = path.resolve(import.meta.dirname, '../../agent/main.ts')

test('too few file descriptors are named before anything is begun', async () => {
  if (process.platform === 'win32') return
  for (const args of [
    ['receive', '7-abandon-ability'],
    ['edge', '--port', '0'],
  ]) {
    const shell = 'ulimit -n 60 && exec "$@"'
    const child = spawn('sh', ['-c', shell, 'sh', process.execPath, main, ...args, '--json'])
    // oxlint-disable-next-line no-await-in-loop -- one program after the other
    const [out, [exit]] = await Promise.all([text(child.stdout), once(child, 'close')])
    const { code, detail } = JSON.parse(out) as { code: string; detail: string }
    assert.deepEqual([exit, code], [2, 'not_possible_here'])
    assert.match(detail, /ulimit -n/)
  }
})

test('an error that no one listens for ends the run in order and is reported', async (t) => {
  if (process.platform === 'win32') return
  const folder = await temporaryFolder(t)
  const digest = { revision: 7, rows: 1, bytes: 100, crc32: '00000000', sha256: '0'.repeat(64) }
  const server = createServer(({ url }, response) => {
    const isExport = url?.includes('/export?') === true
    const type = isExport ? 'text/csv' : 'application/json'
    response.writeHead(200, { 'catalogue-revision': '7', 'content-type': type })
    if (!isExport) response.end(JSON.stringify({ ...digest, items: [1] }))
    else response.write('id\r\n', () => setTimeout(() => child.kill('SIGUSR2'), 100))
  })
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const edge = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const thrown = `process.on('SIGUSR2', () => { throw Object.assign(new Error('bind'), { code: 'EMFILE' }) })`
  const hook = `--import=data:text/javascript,${encodeURIComponent(thrown)}`
  const command = ['export', 'batteries', '--format', 'csv', '--edge', edge, '--out', folder, '--json']
  const child = spawn(process.execPath, [hook, main, ...command])
  const [out, err, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  assert.deepEqual([exit, (JSON.parse(out) as { code: string }).code, err], [2, 'not_possible_here', ''])
  assert.deepEqual(await readdir(folder), [], 'its part file is gone')
})
