/** What `--out` means, and what this machine allows, known before anything is transferred. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  chown,
  lchown,
  mkdir,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { resolveOut } from '../../../../agent/files/received/destination.ts'
import { openDestination, tryDestination } from '../../../../agent/files/received/part-file.ts'
import { describeLeftovers } from '../../../../agent/files/received/leftover-parts.ts'
import { exhaustionError, systemError } from '../../../../agent/files/system-errors.ts'
import { VoltdropError } from '../../../../protocol/errors.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const run = promisify(execFile)
const files = path.resolve(import.meta.dirname, '../../../../agent/files')

/** The failure of `code`, run in `folder` by another process behind the shell command `before`; empty when it succeeds. */
async function failureIn(folder: string, before: string, code: string): Promise<string> {
  const script = path.join(folder, 'script.mjs')
  await writeFile(script, `${code}.catch((error) => console.log(error.code, error.detail))`)
  const { stdout } = await run('sh', ['-c', `${before} && exec "$0" "$1"`, process.execPath, script], {
    cwd: folder,
  })
  await rm(script)
  return stdout.trim()
}

function imported(file: string, name: string): string {
  return `(await import(${JSON.stringify(pathToFileURL(path.join(files, file)).href)})).${name}`
}

test("a link of the user to a folder is followed once; another user's is not", async (t) => {
  const folder = await temporaryFolder(t)
  const [disk, link] = [path.join(folder, 'disk'), path.join(folder, 'Downloads')]
  await mkdir(disk)
  await symlink('disk', link)
  assert.deepEqual(await resolveOut(link), { folder: disk, saveAs: undefined })
  assert.deepEqual(await resolveOut(`${link}/`), { folder: disk, saveAs: undefined })
  assert.deepEqual(await resolveOut(path.join(link, 'a.csv')), { folder: disk, saveAs: 'a.csv' })
  if (process.getuid?.() !== 0) return
  await lchown(link, 65_534, 65_534)
  assert.deepEqual(await resolveOut(link), { folder: link, saveAs: undefined })
})

test('a folder on the way that becomes a link later leads nowhere else', async (t) => {
  const base = await temporaryFolder(t)
  const [inbox, elsewhere] = [path.join(base, 'shared', 'inbox'), path.join(base, 'home', 'inbox')]
  for (const folder of [inbox, elsewhere]) await mkdir(folder, { recursive: true })
  await symlink('shared', path.join(base, 'link'))
  const { folder } = await resolveOut(path.join(base, 'link', 'inbox'))
  assert.equal(folder, await realpath(inbox), 'followed once')
  await rename(path.join(base, 'shared'), path.join(base, 'moved'))
  await symlink('home', path.join(base, 'shared'))
  const entry = { path: 'a.csv', kind: 'file', size: 4, mtime_ms: 0 } as const
  await assert.rejects(openDestination(folder).create(entry), { code: 'not_writable', detail: /by now$/ })
  await assert.rejects(tryDestination(folder), { code: 'not_writable' })
  assert.deepEqual(await readdir(elsewhere), [])
})

test('a destination whose name is not UTF-8 is refused by that reason', async (t) => {
  if (process.platform !== 'linux') return t.skip('other systems have no such names')
  const name = Buffer.concat([Buffer.from(await temporaryFolder(t)), Buffer.from('/d\xfc', 'latin1')])
  await mkdir(name)
  await assert.rejects(resolveOut(name.toString()), { code: 'not_writable', detail: /not UTF-8/ })
})

test('a folder that cannot be made is named at once, also where a system says of an existing one that it is missing', async (t) => {
  if (process.platform !== 'linux') return t.skip('other systems have no /proc')
  const refused = { code: 'not_writable', detail: '/proc/voltdrop-test/a: there is no such file or folder' }
  await assert.rejects(resolveOut('/proc/voltdrop-test/a/'), refused)
  const made = path.join(await temporaryFolder(t), 'a', 'b')
  assert.deepEqual(await resolveOut(`${made}/`), { folder: made, saveAs: undefined })
  assert.equal((await stat(made)).mode & 0o777, 0o777 & ~process.umask())
})

test('a current folder that was deleted is named, and absolute paths work', async (t) => {
  const folder = await temporaryFolder(t)
  const deleted = 'mkdir gone && cd gone && rmdir ../gone'
  const relative = await failureIn(folder, deleted, `${imported('received/destination.ts', 'resolveOut')}()`)
  assert.match(relative, /^not_possible_here the current folder was deleted/)
  assert.equal(
    await failureIn(folder, deleted, `${imported('received/part-file.ts', 'tryDestination')}('${folder}')`),
    '',
  )
  const source = await failureIn(folder, deleted, `${imported('source-file.ts', 'openSource')}('a.csv')`)
  assert.match(source, /^not_possible_here the current folder was deleted/)
  assert.deepEqual(await readdir(folder), [])
})

test('a file larger than the system allows is refused before anything is written', async (t) => {
  if (process.platform !== 'linux') return t.skip('other systems say so while it is written')
  const folder = await temporaryFolder(t)
  const create = imported('received/part-file.ts', 'createPartFile')
  const refused = await failureIn(folder, 'ulimit -f 100', `${create}('${folder}', 'large.csv', 10_000_000)`)
  assert.match(refused, /^not_writable .*large.csv: .*allows a file this large$/)
  const fits = await failureIn(
    folder,
    'ulimit -f 100',
    `${create}('${folder}', 'small.csv', 1000).then((part) => part.discard())`,
  )
  assert.equal(fits, '')
  assert.deepEqual(await readdir(folder), [])
})

test('a program that ends at once leaves no part file behind', async (t) => {
  const folder = await temporaryFolder(t)
  const create = imported('received/part-file.ts', 'createPartFile')
  const written = `${create}('${folder}', 'a.csv', 4).then((part) => part.write(0, Buffer.from('half')))`
  assert.equal(await failureIn(folder, 'true', `${written}.then(() => process.exit())`), '')
  // While the folder is tried.
  const calls = `{ link: async (from, to) => { await (await import('node:fs/promises')).link(from, to); process.exit() } }`
  assert.equal(await failureIn(folder, 'true', `${create}('${folder}', 'a.csv', 4, 0, ${calls})`), '')
  assert.deepEqual(await readdir(folder), [])
})

test('old part files of this user are mentioned, younger ones and those of others are not, and all stay', async (t) => {
  const folder = path.join(await temporaryFolder(t), "it's")
  await mkdir(folder)
  assert.equal(await describeLeftovers(folder), undefined)
  const parts = ['0123456789abcdef', 'fedcba9876543210', '1111111111111111'].map(
    (id) => `.voltdrop-${id}.part`,
  )
  for (const name of [...parts, 'mine.part', '.voltdrop-x.part'])
    await writeFile(path.join(folder, name), 'half')
  assert.equal(await describeLeftovers(folder), undefined, 'they may still be written')
  const [old = '', others = ''] = parts
  for (const name of [old, others, 'mine.part']) await utimes(path.join(folder, name), 1e9, 1e9)
  if (process.getuid?.() === 0) await chown(path.join(folder, others), 65_534, 65_534)
  else await rm(path.join(folder, others))
  const said = await describeLeftovers(folder)
  const quoted = `'${folder.replaceAll("'", String.raw`'\''`)}/${old}'`
  assert.equal(said, `a part file of a receiver that was killed, 4 B; no longer of use: rm ${quoted}`)
  assert.equal((await readdir(folder)).length, process.getuid?.() === 0 ? 5 : 4)
  assert.equal(await describeLeftovers(path.join(folder, 'missing')), undefined)
})

test('too few file descriptors are named, whatever failed because of them', async (t) => {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'a.csv')
  await writeFile(file, 'a')
  const exhausted = `const { openSync } = await import('node:fs'); try { for (;;) openSync('${file}') } catch {}`
  const opening = `const openSource = ${imported('source-file.ts', 'openSource')}; ${exhausted}; openSource('${file}')`
  assert.match(await failureIn(folder, 'ulimit -n 64', opening), /^not_possible_here .*ulimit -n/)

  const cause = Object.assign(new Error('socket EMFILE'), { code: 'EMFILE' })
  const wrapped = [
    new VoltdropError('edge_unreachable', 'http://edge.example', {
      cause: new TypeError('fetch failed', { cause }),
    }),
    new AggregateError([new Error('first'), Object.assign(new Error('second'), { code: 'ENFILE' })]),
    systemError(cause, '/x', 'not_writable'),
  ]
  for (const error of wrapped) assert.equal(exhaustionError(error)?.code, 'not_possible_here')
  assert.equal(exhaustionError(new VoltdropError('no_path')), undefined)
  const circle = new Error('circle')
  circle.cause = circle
  assert.equal(exhaustionError(circle), undefined)
})
