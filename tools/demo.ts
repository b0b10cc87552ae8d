/**
 * `npm start`: all of Voltdrop on this machine, as three processes. An edge with its catalogue, server B that exports the batteries
 * and sends them, and server A that receives them; at the end this process computes the checksums of both files itself.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { crc32 } from 'node:zlib'

const program = join(import.meta.dirname, '..', 'dist', 'cli.js')

/** All of it takes a few seconds; what hangs is stopped and reported. */
const DEADLINE_MS = 60_000
const SHOWN_ROWS = 3
const COLUMNS = process.stdout.columns || 80

const children: ChildProcess[] = []

function start(args: readonly string[], input?: string): ChildProcess {
  // That a code was tried is noted with everything else, not where this user has such notes.
  const env = { ...process.env, XDG_STATE_HOME: join(folder, 'state') }
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env })
  children.push(child)
  child.stdin?.end(input === undefined ? '' : `${input}\n`)
  return child
}

/** Prints each line of a side as it comes, and resolves with the group of `label` in the first line that matches. */
function follow(child: ChildProcess, prefix: string, label: RegExp): Promise<string> {
  const found = Promise.withResolvers<string>()
  if (child.stderr === null) throw new TypeError('the child has no stderr')
  createInterface({ input: child.stderr }).on('line', (line) => {
    console.log(`${prefix} |${line}`)
    const value = label.exec(line)?.[1]
    if (value !== undefined) found.resolve(value)
  })
  child.once('exit', (code) =>
    found.reject(new Error(`${prefix} ended with exit code ${code} before it printed ${label.source}`)),
  )
  return found.promise
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

async function show(edge: string, path: string, fields: readonly string[]): Promise<void> {
  const response = await fetch(`${edge}${path}`)
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`)
  const { items } = (await response.json()) as { items: Record<string, unknown>[] }
  console.log(`\nGET ${path}`)
  const rows = [fields, ...items.map((item) => fields.map((field) => String(item[field])))]
  const widths = fields.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)))
  for (const row of rows) {
    const cells = row.map((cell, at) => cell.padEnd(widths[at] ?? 0))
    console.log(cut(`  ${cells.join('  ').trimEnd()}`))
  }
}

/** A line that fits the screen. */
function cut(line: string): string {
  return line.length <= COLUMNS ? line : `${line.slice(0, COLUMNS - 4)} ...`
}

async function sumsOf(
  folder: string,
): Promise<{ name: string; text: string; crc32: string; sha256: string }> {
  const names = await readdir(folder)
  const [name] = names
  if (name === undefined || names.length > 1)
    throw new Error(`${folder} contains ${names.length} files instead of one`)
  const bytes = await readFile(join(folder, name))
  return {
    name,
    text: bytes.toString(),
    crc32: crc32(bytes).toString(16).padStart(8, '0'),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }
}

async function handOver(edge: string, folders: { a: string; b: string }): Promise<void> {
  console.log('\nServer B exports its batteries and sends them; server A receives.')
  const sender = start(['send', '--batteries', '--format', 'csv', '--out', folders.b, '--edge', edge])
  const code = await follow(sender, 'B', /^ {2}code +(\S+)$/)
  const receiver = start(['receive', '--out', folders.a, '--edge', edge], code)
  await follow(receiver, 'A', /^ {2}done +(.+)$/)
  const exits = await Promise.all([exitOf(sender), exitOf(receiver)])
  if (exits.some((exit) => exit !== 0)) throw new Error(`B ended with ${exits[0]}, A with ${exits[1]}`)
}

async function compare(folders: { a: string; b: string }): Promise<void> {
  const [a, b] = await Promise.all([sumsOf(folders.a), sumsOf(folders.b)])
  console.log(`\nThe first rows of ${a.name} on server A`)
  for (const row of a.text.split('\n').slice(0, SHOWN_ROWS + 1)) console.log(cut(`  ${row}`))
  console.log('\nThe checksums of both files, computed independently')
  for (const [server, { crc32: crc, sha256 }] of Object.entries({ B: b, A: a }))
    console.log(`  ${server}  sha256 ${sha256}\n     crc32  ${crc}`)
  if (a.crc32 !== b.crc32 || a.sha256 !== b.sha256) throw new Error('the two files differ')
  console.log('  verified: they are identical')
}

async function demonstrate(folder: string): Promise<void> {
  const folders = { a: join(folder, 'server-a'), b: join(folder, 'server-b') }
  await Promise.all([mkdir(folders.a), mkdir(folders.b)])
  const server = start(['edge', '--port', '0', '--data', join(folder, 'edge')])
  const edge = await follow(server, 'edge', /^ {2}edge +(http\S+)$/)
  await show(edge, '/products?limit=3', ['sku', 'name', 'manufacturer', 'category'])
  await show(edge, '/batteries?limit=3&chemistry=LFP', [
    'model',
    'manufacturer',
    'format',
    'nominal_capacity_mah',
  ])
  await handOver(edge, folders)
  await compare(folders)
}

const folder = await mkdtemp(join(tmpdir(), 'voltdrop-demo-'))
const late = Promise.withResolvers<never>()
const timer = setTimeout(() => late.reject(new Error('it took too long')), DEADLINE_MS)
function interrupted(): void {
  return late.reject(new Error('interrupted'))
}
process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
try {
  await Promise.race([demonstrate(folder), late.promise])
} catch (error) {
  console.error(`\nnot verified: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  clearTimeout(timer)
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(children.map(exitOf))
  await rm(folder, { recursive: true, force: true })
}
