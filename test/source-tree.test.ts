/** The tree itself: names that are found, folders that are not drawers, pages whose paths exist. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'

const root = path.resolve(import.meta.dirname, '..')
const PRODUCT = ['protocol', 'peer', 'transport', 'drizzle', 'durable', 'workers', 'agent', 'tools']
const MAX_FILES_IN_FOLDER = 14
/** One file for each decision: read one at a time, by its title. */
const GROWING = 'docs/decisions'
/** Written by drizzle-kit. */
const GENERATED = 'drizzle/migrations'

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith(GENERATED))
}

function sources(folders: readonly string[]): string[] {
  return folders.flatMap(filesBelow).filter((file) => file.endsWith('.ts'))
}

function grouped(files: readonly string[], keyOf: (file: string) => string): [string, string[]][] {
  return [...Map.groupBy(files, keyOf)]
}

test('no two source files have the same name, so a name leads to one place', () => {
  const twice = grouped(sources(PRODUCT), (file) => path.basename(file)).filter(
    ([, files]) => files.length > 1,
  )
  assert.deepEqual(twice, [])
})

test('no folder holds more files than a reader takes in at a glance', () => {
  const folders = grouped([...PRODUCT, 'bench', 'test', 'docs'].flatMap(filesBelow), (file) =>
    path.dirname(file),
  )
  const crowded = folders.filter(
    ([folder, files]) => folder !== GROWING && files.length > MAX_FILES_IN_FOLDER,
  )
  assert.deepEqual(
    crowded.map(([folder]) => folder),
    [],
  )
})

test('numbers at the top of a module have UPPER_CASE names', () => {
  const lowerCase = /^(?:export )?const [a-z]\w* = -?\d[\d_.e]*$/gm
  const found = sources([...PRODUCT, 'bench']).flatMap((file) =>
    [...readFileSync(path.join(root, file), 'utf8').matchAll(lowerCase)].map(([line]) => `${file}: ${line}`),
  )
  assert.deepEqual(found, [])
})

test('a constant that is exported shares its name with no other constant', () => {
  const declared = sources(PRODUCT).flatMap((file) =>
    [...readFileSync(path.join(root, file), 'utf8').matchAll(/^(export )?const ([A-Z][A-Z\d_]+)\b/gm)].map(
      ([, exported, name = '']) => ({ file, name, isExported: exported !== undefined }),
    ),
  )
  const shared = [...Map.groupBy(declared, ({ name }) => name).values()].filter(
    (uses) => uses.length > 1 && uses.some(({ isExported }) => isExported),
  )
  assert.deepEqual(shared, [])
})

test('members are #private, never private', () => {
  const member = /^ +private (?!constructor)/m
  const found = sources([...PRODUCT, 'bench', 'test']).filter((file) =>
    member.test(readFileSync(path.join(root, file), 'utf8')),
  )
  assert.deepEqual(found, [])
})

/** Paths in backticks that begin with a folder of the project; a `*`, `<` or `…` makes it a pattern. */
function pathsNamedIn(page: string): string[] {
  const tops = [...PRODUCT, 'bench', 'docs', 'test'].join('|')
  const quoted = new RegExp(`\`((?:${tops})/[^\`\\s*<…]*)\``, 'g')
  return [...readFileSync(path.join(root, page), 'utf8').matchAll(quoted)].map(([, named]) => named ?? '')
}

for (const page of pages()) {
  test(`${page} names only files and folders that exist`, () => {
    assert.deepEqual(
      pathsNamedIn(page).filter((named) => !existsSync(path.join(root, named))),
      [],
    )
  })
}

function pages(): string[] {
  const top = ['README.md', 'CONTRIBUTING.md', 'PROTOCOL.md', 'SECURITY.md', 'CHANGELOG.md']
  const below = [...filesBelow('docs'), 'bench/README.md', 'transport/README.md']
  return [...top, ...below.filter((file) => file.endsWith('.md'))].filter((file) =>
    existsSync(path.join(root, file)),
  )
}

/** Of each table, and on one line each, the rows that say again what another row says. */
function rowsTwiceIn(page: string): string[] {
  const tables = readFileSync(path.join(root, page), 'utf8').match(/^\|.*(?:\n\|.*)*/gm) ?? []
  return tables.flatMap((table) => {
    const rows = table.split('\n').map((row) => row.split('|').map((cell) => cell.trim()))
    // Two rows are about the same when their first cells are, or in a table of messages, the first and the second.
    const subjects = rows.map(([, first, second = '']) => (second.startsWith('`{') ? second : (first ?? '')))
    return subjects.filter((subject, row) => subjects.indexOf(subject) < row)
  })
}

for (const page of pages()) {
  test(`no table of ${page} has two rows about the same`, () => {
    assert.deepEqual(rowsTwiceIn(page), [])
  })
}

test('the questions of docs/architecture.md are answered by one file each', () => {
  const page = readFileSync(path.join(root, 'docs/architecture.md'), 'utf8')
  const [table = ''] = /^## Where to look\n[\s\S]*?(?=^## )/m.exec(page) ?? []
  const answers = [...table.matchAll(/^\| (.+\?) +\| `([^`]+)` +\|$/gm)]
  assert.ok(answers.length >= 40, `${answers.length} questions`)
  const unanswered = answers.filter(
    ([, , file = '']) => !existsSync(path.join(root, file)) || file.endsWith('/'),
  )
  assert.deepEqual(unanswered, [])
})

test('comments that cite a test or a source file cite one that exists', () => {
  const cited =
    /(?<![\w/.-])((?:protocol|peer|transport|drizzle|durable|workers|agent|tools|bench|test|docs)\/[\w./-]+\.(?:ts|md|wat|c))\b/g
  const missing = sources([...PRODUCT, 'bench', 'test']).flatMap((file) =>
    comments(readFileSync(path.join(root, file), 'utf8')).flatMap((comment) =>
      [...comment.matchAll(cited)]
        .map(([, named]) => named ?? '')
        .filter((named) => !existsSync(path.join(root, named)))
        .map((named) => `${file} cites ${named}`),
    ),
  )
  assert.deepEqual(missing, [])
})

function comments(source: string): string[] {
  return source.match(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm) ?? []
}

test('the README is short enough to be read', () => {
  const lines = readFileSync(path.join(root, 'README.md'), 'utf8').split('\n').length - 1
  assert.ok(lines <= 120, `${lines} lines`)
})

/** Set by the program itself, when it starts an edge. */
const OWN_VARIABLE = 'AWAITED_MIGRATION'

test('wrangler.toml says what every variable of the operator is for', () => {
  const declared = sources(['workers', 'durable']).flatMap((file) =>
    [
      ...readFileSync(path.join(root, file), 'utf8').matchAll(/^ {2}readonly ([A-Z][A-Z\d_]+)\?: string$/gm),
    ].map(([, name = '']) => name),
  )
  const settings = readFileSync(path.join(root, 'wrangler.toml'), 'utf8')
  assert.ok(declared.length > 10)
  assert.deepEqual(
    declared.filter((name) => name !== OWN_VARIABLE && !new RegExp(`\\b${name}\\b`).test(settings)),
    [],
  )
})

test('what git tracks holds no build output', () => {
  const tracked = execFileSync('git', ['ls-files', 'dist', 'node_modules'], { cwd: root, encoding: 'utf8' })
  assert.equal(tracked, '')
})
