/** Progress towards a reader that does not read. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { droppableWrite } from '../../../agent/files/droppable-writes.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const skip = process.platform !== 'linux' && 'only Linux opens a descriptor anew'

test(
  'a pipe that nobody reads takes whole lines until it is full, and the rest is dropped',
  { skip },
  async (t) => {
    const fifo = path.join(await temporaryFolder(t), 'fifo')
    assert.equal(spawnSync('mkfifo', [fifo]).status, 0)
    const descriptor = openSync(fifo, constants.O_RDWR)
    t.after(() => closeSync(descriptor))
    const write = droppableWrite(descriptor)
    assert.ok(write)
    const line = `${'progress '.repeat(100)}\n`
    for (let count = 0; count < 1_000; count++) write(line)
    const taken = Buffer.alloc(2 ** 20)
    const length = readSync(descriptor, taken)
    assert.ok(length > 0 && length < 1_000 * line.length && length % line.length === 0, `${length}`)
  },
)

test('a file takes everything: it needs no other writes', { skip }, async (t) => {
  const descriptor = openSync(path.join(await temporaryFolder(t), 'log'), 'w')
  t.after(() => closeSync(descriptor))
  assert.equal(droppableWrite(descriptor), undefined)
})
