import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { hostIdentity } from '../../../agent/paths/host-identity.ts'
import { noNamespaces } from '../../support/two-hosts.ts'

const ASK = `import { hostIdentity } from '${import.meta.resolve('../../../agent/paths/host-identity.ts')}'
process.stdout.write(String(await hostIdentity()))`

function askedBy(command = process.execPath, ...args: readonly string[]): string {
  return execFileSync(command, [...args, '--input-type=module-typescript', '-e', ASK], { encoding: 'utf8' })
}

test(
  'the processes of one Linux host share an identity',
  { skip: process.platform !== 'linux' },
  async () => {
    const identity = await hostIdentity()
    assert.match(identity ?? '', /^[\da-f-]{36} net:\[\d+\]$/)
    assert.equal(askedBy(), identity)
  },
)

test('a network namespace is a host of its own', { skip: noNamespaces }, async () => {
  assert.notEqual(askedBy('unshare', '--net', process.execPath), await hostIdentity())
})

test('a system that names no boot has no identity', async () => {
  assert.equal(await hostIdentity('win32'), undefined)
})
