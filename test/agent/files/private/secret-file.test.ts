/** Secrets from files and pipes. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { chmod, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { exposedTo, readSecretFile } from '../../../../agent/files/private/secret-file.ts'
import { VoltdropError } from '../../../../protocol/errors.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const run = promisify(execFile)
const posix = process.platform === 'win32' ? 'Windows has no file modes' : false

async function secretFile(t: TestContext, mode: number, text = 'hunter2\n'): Promise<string> {
  const path = join(await temporaryFolder(t), 'secret')
  await writeFile(path, text)
  await chmod(path, mode)
  return path
}

function fails(code: string, detail: RegExp) {
  return (error: unknown) =>
    error instanceof VoltdropError && error.code === code && detail.test(error.detail ?? '')
}

test('a file is read when no one but its owner can use it', { skip: posix }, async (t) => {
  for (const mode of [0o600, 0o400, 0o700])
    // oxlint-disable-next-line no-await-in-loop -- one file after the other
    assert.equal(await readSecretFile(await secretFile(t, mode)), 'hunter2\n')
  for (const mode of [0o644, 0o604, 0o602, 0o620, 0o666])
    // oxlint-disable-next-line no-await-in-loop -- as above
    await assert.rejects(readSecretFile(await secretFile(t, mode)), fails('not_possible_here', /chmod 600/))
})

test('the group may read where this process belongs to it, as a pod or service does, and never write', () => {
  const groups = new Set([1000, 2000])
  for (const mode of [0o440, 0o640]) {
    assert.equal(exposedTo({ mode, gid: 2000 }, groups), undefined)
    assert.match(exposedTo({ mode, gid: 3000 }, groups) ?? '', /group 3000/)
  }
  assert.match(exposedTo({ mode: 0o660, gid: 2000 }, groups) ?? '', /group/)
  assert.match(exposedTo({ mode: 0o444, gid: 2000 }, groups) ?? '', /every user/)
})

test('on a read-only mount a file may be readable by everyone: so containers get their secrets', async (t) => {
  const file = await secretFile(t, 0o644)
  const module = resolve(import.meta.dirname, '../../../../agent/files/private/secret-file.ts')
  const script = `import { readSecretFile } from ${JSON.stringify(module)}; process.stdout.write(await readSecretFile(process.argv[1]))`
  const mount = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"'
  const command = `(${mount}) 2>/dev/null || exit 77; exec "$2" --input-type=module -e "$3" "$1"`
  const args = ['--mount', 'sh', '-c', command, 'sh', file, process.execPath, script]
  const read = await run('unshare', args).catch((error: Error & { code?: number | string }) => error)
  if (read instanceof Error && (read.code === 77 || read.code === 'ENOENT' || read.code === 1))
    return t.skip('mounting needs root on Linux')
  if (read instanceof Error) throw read
  assert.equal(read.stdout, 'hunter2\n')
})

test('a pipe is read to its end, whether its writer is late or slow', { skip: posix }, async (t) => {
  const pipe = join(await temporaryFolder(t), 'pipe')
  await run('mkfifo', ['-m', '600', pipe])
  const writer = spawn('sh', ['-c', 'exec > "$1"; printf hun; sleep 0.1; echo ter2', 'sh', pipe])
  t.after(() => writer.kill())
  assert.equal(await readSecretFile(pipe), 'hunter2\n')
})

test('what is too long, or neither a file nor a pipe, is refused by name', { skip: posix }, async (t) => {
  const long = await secretFile(t, 0o600, 'x'.repeat(70_000))
  await assert.rejects(readSecretFile(long), fails('not_possible_here', /longer/))
  await assert.rejects(readSecretFile('/dev/null'), fails('source_unreadable', /neither/))
  await assert.rejects(readSecretFile(await temporaryFolder(t)), fails('source_unreadable', /neither/))
  await assert.rejects(readSecretFile(`${long}.absent`), fails('source_unreadable', /no such file/))
})
