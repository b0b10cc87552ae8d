/**
 * `npm test`, `npm run test:only -- NAME` and `npm run test:long`: bundles what has changed, runs the test files in a few processes (groups.ts)
 * under node's own runner and shows a line for each file. Ends with 1 when a test fails, a file does not load or ends early, or nothing is found.
 */
import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { staleSource } from '../../tools/bundle-age.ts'
import { type Group, groupFiles } from './groups.ts'
import { Report } from './report.ts'

const ROOT = join(import.meta.dirname, '../..')
const CACHE = join(ROOT, 'node_modules/.cache')
const ENTRIES = join(CACHE, `test-groups-${process.pid}`)
/** More than the two cores that it is measured on: some files wait for most of their time. */
const PROCESSES = 4
const TIMEOUT_MS = 120_000
const LONG_TIMEOUT_MS = 1_200_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** The `*.long.ts` files in place of the `*.test.ts`. */
    long: { type: 'boolean', default: false },
    /** A line for each test. */
    all: { type: 'boolean', default: false },
    /** The folder in which the tests are, for a test of this program. */
    folder: { type: 'string', default: join(ROOT, 'test') },
  },
})

class NothingFound extends Error {}

/** The files whose path below test/ contains one of the names. */
function chosenFiles(names: readonly string[]): string[] {
  const pattern = values.long ? '**/*.long.ts' : '**/*.test.ts'
  const files = globSync(pattern, { cwd: values.folder }).toSorted()
  for (const name of names) {
    if (!files.some((file) => file.includes(name)))
      throw new NothingFound(`no test file below test/ is named ${name}`)
  }
  const chosen =
    names.length === 0 ? files : files.filter((file) => names.some((name) => file.includes(name)))
  if (chosen.length === 0) throw new NothingFound('there are no test files')
  return chosen.map((file) => join(values.folder, file))
}

/** Writes the main module of a group's process. */
function writeEntry({ name, files, preloads }: Group): string {
  const runner = join(import.meta.dirname, 'run-files.ts')
  const lines = [
    ...preloads.map((module) => `import ${JSON.stringify(module)}`),
    `import { runFiles } from ${JSON.stringify(runner)}`,
    `runFiles(${JSON.stringify(files, undefined, 2)})`,
  ]
  const entry = join(ENTRIES, `${name}.mjs`)
  writeFileSync(entry, `${lines.join('\n')}\n`)
  return entry
}

/** What node's runner cannot know: a file without a test, and one that its process never came to. */
function complaints(files: readonly string[], report: Report): string[] {
  return files.flatMap((file) => {
    const name = relative(ROOT, file)
    const tests = report.tests.get(name)
    if (tests === undefined) return [`${name} did not come to its end`]
    return tests === 0 ? [`${name} has no tests`] : []
  })
}

async function runTests(): Promise<void> {
  const files = chosenFiles(positionals)
  if ((await staleSource()) !== undefined)
    execFileSync(process.execPath, [join(ROOT, 'tools/bundle.ts')], { stdio: 'inherit' })
  mkdirSync(ENTRIES, { recursive: true })
  const report = new Report({ showsAll: values.all })
  const events = run({
    files: (await groupFiles(files, { isShared: !values.long })).map(writeEntry),
    cwd: ROOT,
    concurrency: values.long ? 1 : PROCESSES,
    timeout: values.long ? LONG_TIMEOUT_MS : TIMEOUT_MS,
    env: { ...process.env, NODE_COMPILE_CACHE: join(CACHE, 'compiled') },
  })
  events.on('test:summary', ({ success, file }) => {
    if (file === undefined && !success) process.exitCode = 1
  })
  for await (const text of events.compose(report).compose(new spec())) process.stdout.write(text as string)
  for (const complaint of complaints(files, report)) fail(complaint)
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`)
  process.exitCode = 1
}

try {
  await runTests()
} catch (error) {
  if (!(error instanceof NothingFound)) throw error
  fail(error.message)
} finally {
  rmSync(ENTRIES, { recursive: true, force: true })
}
