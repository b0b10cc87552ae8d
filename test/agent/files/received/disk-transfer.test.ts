/** Whole transfers from disk to disk: which files are in the folder after each outcome. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { appendFile, mkdir, readFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openDestination } from '../../../../agent/files/received/part-file.ts'
import { openSource } from '../../../../agent/files/source-file.ts'
import type { SourceFile } from '../../../../peer/files.ts'
import type { OnProgress } from '../../../../peer/transfer/send-file.ts'
import { linkPair } from '../../../support/peer/link-pair.ts'
import { smallFileSystem, temporaryFolder } from '../../../support/temporary-folder.ts'
import { damageChunkAt, transfer } from '../../../support/peer/transfers.ts'

const MIB = 1024 * 1024

/** Sends a file of `size` random bytes into an inbox of its own. */
async function sendFromDisk(
  t: TestContext,
  options: {
    size?: number
    inbox?: string
    links?: ReturnType<typeof linkPair>
    onSent?: OnProgress
    beforeRead?: (path: string, offset: number) => Promise<void>
  },
) {
  const folder = await temporaryFolder(t)
  const inbox = options.inbox ?? join(folder, 'inbox')
  if (options.inbox === undefined) await mkdir(inbox)
  const path = join(folder, 'cells.csv')
  const content = randomBytes(options.size ?? 6 * MIB)
  await writeFile(path, content)
  const opened = await openSource(path)
  const read: SourceFile['read'] = async (offset, length) => {
    await options.beforeRead?.(path, offset)
    return opened.read(offset, length)
  }
  const source = { ...opened, read }
  const endings = await transfer({
    links: options.links ?? linkPair(),
    source,
    destination: openDestination(inbox),
    ...(options.onSent ? { onSent: options.onSent } : {}),
  })
  await source.close()
  return { ...endings, inbox, content, left: await readdir(inbox) }
}

for (const size of [0, 1, 65_535, 65_536, 65_537, 20 * MIB + 1]) {
  test(`a file of ${size} bytes is transferred from disk to disk`, async (t) => {
    const { sender, receiver, inbox, content, left } = await sendFromDisk(t, { size })
    assert.equal(sender.code, undefined)
    assert.equal(receiver.code === undefined && receiver.value.savedAs, join(inbox, 'cells.csv'))
    assert.deepEqual(left, ['cells.csv'])
    assert.deepEqual(await readFile(join(inbox, 'cells.csv')), content)
  })
}

test('a chunk damaged on the way is read from the disk and sent again', async (t) => {
  const links = linkPair()
  links.aToB.fault = damageChunkAt(20 * 64_512, 2)
  const { sender, inbox, content } = await sendFromDisk(t, { links })
  assert.equal(sender.code, undefined)
  assert.deepEqual(await readFile(join(inbox, 'cells.csv')), content)
})

const changes: [string, (path: string) => Promise<void>][] = [
  ['grows', (path) => appendFile(path, 'one more line')],
  ['shrinks', (path) => truncate(path, 5 * MIB)],
]

for (const [what, change] of changes) {
  test(`a file that ${what} while it is sent leaves no file at the receiver`, async (t) => {
    let changed: Promise<void> | undefined
    async function beforeRead(path: string, offset: number): Promise<void> {
      if (offset > 2 * MIB) await (changed ??= change(path))
    }
    const { sender, receiver, left } = await sendFromDisk(t, { beforeRead })
    assert.equal(sender.code, 'source_changed')
    assert.equal(receiver.code, 'source_changed')
    assert.deepEqual(left, [])
  })
}

test('an existing file stays unchanged, and both sides report it', async (t) => {
  const inbox = await temporaryFolder(t)
  await writeFile(join(inbox, 'cells.csv'), 'old')
  const { sender, receiver, left } = await sendFromDisk(t, { inbox })
  assert.deepEqual([sender.code, receiver.code], ['file_exists', 'file_exists'])
  assert.deepEqual(left, ['cells.csv'])
  assert.equal(await readFile(join(inbox, 'cells.csv'), 'utf8'), 'old')
})

test('a connection lost during the transfer leaves no file at the receiver', async (t) => {
  const links = linkPair()
  function onSent(done: number) {
    return done > 2 * MIB && links.cut()
  }
  const { sender, receiver, left } = await sendFromDisk(t, { links, onSent })
  assert.deepEqual([sender.code, receiver.code], ['interrupted', 'interrupted'])
  assert.deepEqual(left, [])
})

test('a disk that fills up during the transfer ends both sides with disk_full and leaves no file', async (t) => {
  const inbox = await smallFileSystem(t, 'size=24m')
  if (inbox === undefined) return
  const filled = Promise.withResolvers<void>()
  const links = linkPair()
  links.aToB.capacity = 1
  const send = links.a.send.bind(links.a)
  let messages = 0
  links.a.send = async (message) => {
    if (messages++ === 8)
      filled.resolve(writeFile(join(inbox, 'other'), Buffer.alloc(22 * MIB)).catch(() => {}))
    if (messages > 8) await filled.promise
    return send(message)
  }
  const { sender, receiver, left } = await sendFromDisk(t, { inbox, links })
  assert.deepEqual([sender.code, receiver.code], ['disk_full', 'disk_full'])
  assert.deepEqual(left, ['other'])
})

test('when two senders send one name into one folder, exactly one succeeds', async (t) => {
  const inbox = await temporaryFolder(t)
  const both = await Promise.all([sendFromDisk(t, { inbox }), sendFromDisk(t, { inbox })])
  const winner = both.find(({ sender }) => sender.code === undefined)
  const loser = both.find(({ sender }) => sender.code !== undefined)
  assert.deepEqual([loser?.sender.code, loser?.receiver.code], ['file_exists', 'file_exists'])
  assert.deepEqual(await readdir(inbox), ['cells.csv'])
  assert.deepEqual(await readFile(join(inbox, 'cells.csv')), winner?.content)
})
