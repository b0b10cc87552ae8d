/** The embedded edge: who gets in, what it does not start on, one edge for a folder, and 503 until its catalogue is there. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, readdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { Miniflare, NoOpLog } from 'miniflare'
import { lockData } from '../../../../agent/edge/embedded/data-lock.ts'
import { loadEdgeParts } from '../../../../agent/edge/embedded/edge-parts.ts'
import {
  type EdgeOptions,
  type EmbeddedEdge,
  startEmbeddedEdge,
} from '../../../../agent/edge/embedded/embedded-edge.ts'
import { gatedWorkerConfig, selfContained } from '../../../../agent/edge/embedded/worker-config.ts'
import { refuseStaleBundle } from '../../../support/bundle.ts'
import { failsAs, serve } from '../../../support/edge/fake-edge.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

async function start(t: TestContext, options: Partial<EdgeOptions> = {}): Promise<EmbeddedEdge> {
  await refuseStaleBundle()
  const dataFolder = options.dataFolder ?? (await temporaryFolder(t))
  const usual = { host: '127.0.0.1', port: 0, log: () => {} }
  const edge = await startEmbeddedEdge(await loadEdgeParts(), { ...usual, ...options, dataFolder })
  t.after(() => edge.close())
  return edge
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** What is answered to a list of rows while an edge starts: statuses with Retry-After, or whether the list has rows. */
async function answersWhile(starting: Promise<unknown>, port: number): Promise<Set<string>> {
  const seen = new Set<string>()
  let isReady = false
  const ready = starting.then(() => (isReady = true))
  while (!isReady) {
    // oxlint-disable-next-line no-await-in-loop -- one request after the other
    const response = await fetch(`http://127.0.0.1:${port}/batteries?limit=1`).catch(() => undefined)
    if (response === undefined) continue
    // oxlint-disable-next-line no-await-in-loop -- as above
    const rows = (await response.text()).includes('"items":[]') ? 'empty' : 'filled'
    seen.add(response.status === 200 ? rows : `${response.status} ${response.headers.get('retry-after')}`)
  }
  await ready
  return seen
}

/** How many of twelve rooms were opened, with the headers for each. */
async function roomsOpened(edge: EmbeddedEdge, headersOf: (i: number) => Record<string, string>) {
  const statuses = Array.from({ length: 12 }, async (_, i) => {
    const response = await fetch(new URL('/rooms', edge.url), { method: 'POST', headers: headersOf(i) })
    await response.body?.cancel()
    return response.status
  })
  return (await Promise.all(statuses)).toSorted((a, b) => a - b)
}

test('an edge: 503 until its catalogue is there, rooms limited by true addresses, its folder its own', async (t) => {
  const dataFolder = await temporaryFolder(t)
  const port = await freePort()
  const starting = start(t, { port, dataFolder, proxies: [{ address: '127.0.0.1', prefix: 32 }] })
  const seen = await answersWhile(starting, port)
  assert.ok(seen.has('503 1'))
  assert.ok(!seen.has('empty'))

  const edge = await starting
  const ten = [...Array<number>(10).fill(201), 429, 429]
  // One client, with another forged address in front each time, and another forged header.
  const rotating = await roomsOpened(edge, (i) => ({
    'x-forwarded-for': `203.0.113.${i}, 198.51.100.7`,
    'cf-connecting-ip': `203.0.113.${i}`,
  }))
  assert.deepEqual(rotating, ten)
  // All for whom the proxy names nobody, or this machine, count together.
  const unknown = await roomsOpened(edge, (i) => (i % 2 === 0 ? {} : { 'x-forwarded-for': '127.0.0.1' }))
  assert.deepEqual(unknown, ten)

  const inUse = failsAs('not_possible_here', new RegExp(`another edge uses ${dataFolder}: .*--data`))
  await assert.rejects(start(t, { dataFolder }), inUse)
  await edge.close()
  const lock = await lockData(dataFolder)
  lock.release()
})

test('workerd itself answers nobody who did not come through the door', async () => {
  await refuseStaleBundle()
  const config = gatedWorkerConfig(await loadEdgeParts(), {}, 'a secret')
  const log = new NoOpLog()
  const workers = [{ config }]
  const miniflare = new Miniflare({ ...selfContained, log, handleStructuredLogs: () => {}, workers })
  try {
    const url = new URL('/docs', await miniflare.ready)
    const statuses = [
      {},
      { 'voltdrop-door': '' },
      { 'voltdrop-door': 'a guess' },
      { 'mf-original-url': 'http://x/docs' },
      { 'voltdrop-door': 'a secret' },
    ].map(async (headers) => (await fetch(url, { headers })).status)
    assert.deepEqual(await Promise.all(statuses), [403, 403, 403, 403, 200])
  } finally {
    await miniflare.dispose()
  }
})

test('without workerd it says why, and leaves no folder behind', async (t) => {
  const folder = await temporaryFolder(t)
  const program = path.join(folder, 'workerd')
  await writeFile(program, '#!/bin/sh\necho "libc++.so.1: cannot open shared object file" >&2\nexit 127\n')
  await chmod(program, 0o755)
  const mute = path.join(folder, 'mute')
  await writeFile(mute, '#!/bin/sh\nexit 1\n')
  await chmod(mute, 0o755)
  const dataFolder = path.join(folder, 'data')
  for (const [workerd, reason] of [
    ['/no/workerd', /workerd does not run here: \/no\/workerd is missing/],
    [program, /workerd does not run here: libc\+\+\.so\.1: cannot open/],
    [mute, /ended without a word/],
    [folder, /may not be run/],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await assert.rejects(start(t, { dataFolder, workerd }), failsAs('not_possible_here', reason))
  }
  assert.deepEqual((await readdir(folder)).toSorted(), ['mute', 'workerd'])
})

test('a port that is taken leaves no folder behind, and a folder that cannot be one is named', async (t) => {
  const folder = await temporaryFolder(t)
  const port = Number((await serve(t, () => {})).port)
  const dataFolder = path.join(folder, 'data')
  await assert.rejects(start(t, { dataFolder, port }), failsAs('not_possible_here', /is taken/))
  assert.deepEqual(await readdir(folder), [])
  await writeFile(dataFolder, 'a file')
  await assert.rejects(
    start(t, { dataFolder }),
    failsAs('not_writable', /data: a part of the path is not a folder/),
  )
  const below = path.join(dataFolder, 'below')
  await assert.rejects(start(t, { dataFolder: below }), failsAs('not_writable', /is not a folder/))
  const nowhere = '/proc/voltdrop-test'
  if (process.platform === 'linux')
    await assert.rejects(
      start(t, { dataFolder: nowhere }),
      failsAs('not_writable', /^\/proc\/voltdrop-test: /),
    )
})
