/** The tables of the commands against everything that is derived from them or mentions them. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { parseArguments } from '../../../agent/command-line/arguments.ts'
import { commandTables } from '../../../agent/command-line/command-tables.ts'
import { commonOptions, terminalVariables } from '../../../agent/command-line/options/common-options.ts'
import { type CommandTable, defineCommand } from '../../../agent/command-line/define-command.ts'
import { edgeSettings } from '../../../agent/command-line/options/edge-options.ts'
import { commandHelp, generalHelp } from '../../../agent/command-line/help-text.ts'
import type { OptionEntry } from '../../../agent/command-line/option-table.ts'
import { portNumber } from '../../../agent/command-line/option-values.ts'
import { exitMeanings } from '../../../agent/exit-codes.ts'
import { manPage } from '../../../tools/man-page.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const tables: readonly CommandTable[] = commandTables

function optionsOf(table: CommandTable): OptionEntry[] {
  return [...Object.values(table.options), ...Object.values(commonOptions)].filter(
    (entry): entry is OptionEntry => 'name' in entry,
  )
}

/** Environment variables that give a value to an entry. */
function entryVariables(table: CommandTable): string[] {
  const entries = [...Object.values(table.positionals), ...Object.values(table.options)]
  return entries.flatMap(({ environment }) => (environment === undefined ? [] : [environment]))
}

/** Environment variables that a table knows. */
function variablesOf(table: CommandTable): string[] {
  return [...entryVariables(table), ...Object.keys(table.settings ?? {})]
}

/** The part of the man page about one command. */
function manSection(name: string): string {
  const [, ...sections] = manPage().replaceAll('\\-', '-').split('\n.SS ')
  return sections.find((section) => section.startsWith(`voltdrop ${name}\n`)) ?? ''
}

for (const table of tables) {
  test(`help and man page of ${table.name} show every option, argument and variable of its table`, () => {
    const help = commandHelp(table)
    const section = manSection(table.name)
    for (const { name, short, argument } of Object.values(table.options).filter((entry) => 'name' in entry)) {
      const label = `${short === undefined ? '' : `-${short}, `}--${name}${argument === undefined ? '' : ` ${argument}`}`
      assert.match(help, new RegExp(`^ .*${label}(?: |$)`, 'm'))
      assert.ok(section.includes(`\n${label}\n`), label)
    }
    const others = [
      ...Object.values(table.positionals).map(({ argument }) => argument),
      ...variablesOf(table),
    ]
    for (const name of others) {
      assert.ok(help.includes(name), name)
      assert.ok(section.includes(name), name)
    }
  })

  test(`help of ${table.name} fits into 80 columns`, () => {
    for (const line of commandHelp(table).split('\n')) assert.ok(line.length <= 80, line)
  })

  test(`every example in the help of ${table.name} is accepted`, () => {
    for (const { line } of table.examples) {
      const [program, ...words] = line.split(' ')
      assert.equal(program, 'voltdrop')
      assert.equal(parseArguments(words, {}).name, table.name)
    }
  })
}

test('the general help and the man page list every command, common option and exit code', () => {
  for (const text of [generalHelp(), manPage().replaceAll('\\-', '-')]) {
    for (const { name } of tables) assert.ok(text.includes(`voltdrop ${name}`), name)
    for (const { name } of Object.values(commonOptions)) assert.ok(text.includes(`--${name}`), name)
    for (const meaning of Object.values(exitMeanings)) assert.ok(text.includes(meaning), meaning)
  }
  for (const line of generalHelp().split('\n')) assert.ok(line.length <= 80, line)
})

test('an option takes a value in every command or in none, and one letter means one option', () => {
  const shapes = new Map<string, string>()
  const letters = new Map<string, string>()
  for (const { name, short, argument } of tables.flatMap(optionsOf)) {
    const shape = `${short} ${argument === undefined}`
    assert.equal(shapes.get(name) ?? shape, shape, name)
    shapes.set(name, shape)
    if (short === undefined) continue
    assert.equal(letters.get(short) ?? name, name)
    letters.set(short, name)
  }
})

test('the options under a heading of their own are those of the command', () => {
  for (const { options, sections = [] } of tables) {
    for (const section of sections) {
      for (const [key, entry] of Object.entries(section.options)) assert.equal(options[key], entry, key)
    }
  }
})

test('one entry is enough for the type, the parser and the help of an option', () => {
  const table = defineCommand({
    name: 'probe',
    summary: '',
    takes: 'options only',
    description: '',
    positionals: {},
    options: {
      depth: { name: 'depth', argument: 'N', parse: portNumber, environment: 'DEPTH', help: 'how deep' },
      wide: { name: 'wide', help: 'how wide' },
      marks: { name: 'mark', argument: 'TEXT', repeatable: true, help: 'marks' },
      host: { name: 'host', argument: 'HOST', default: 'here', help: 'where' },
    },
    examples: [],
    build: (values) => values,
  })
  const options = new Map([
    ['depth', ['7']],
    ['mark', ['a', 'b']],
  ])
  const values = table.read({ options, words: [], environment: {} })
  const depth: number | undefined = values.depth
  const wide: boolean = values.wide
  const marks: readonly string[] = values.marks
  const host: string = values.host
  assert.deepEqual([depth, wide, marks, host], [7, false, ['a', 'b'], 'here'])
  assert.equal(table.read({ options: new Map(), words: [], environment: { DEPTH: '9' } }).depth, 9)
  assert.match(commandHelp(table), /--depth N +how deep \(or DEPTH\)/)
  // @ts-expect-error -- an option without a default may be absent
  const certain: number = values.depth
  // @ts-expect-error -- not in the table
  assert.deepEqual([values.height, certain], [undefined, 7])
})

test('the general help and the man page name every environment variable but the settings of an edge', () => {
  const variables = tables.flatMap(variablesOf).filter((name) => !Object.hasOwn(edgeSettings, name))
  for (const name of [...variables, ...Object.keys(terminalVariables)]) {
    assert.match(generalHelp(), new RegExp(`^ +${name} `, 'm'))
    assert.ok(manPage().includes(`\n${name}\n`), name)
  }
})

test('every environment variable that the agent reads is in a table', async () => {
  const known = new Set([...tables.flatMap(variablesOf), ...Object.keys(terminalVariables)])
  const files = (await readdir(path.join(root, 'agent'), { recursive: true })).filter((name) =>
    name.endsWith('.ts'),
  )
  assert.ok(files.length > 20)
  for (const file of files) {
    // oxlint-disable-next-line no-await-in-loop -- small files, one after the other
    const text = (await readFile(path.join(root, 'agent', file), 'utf8')).replace(
      /delete process\.env\[\S+/g,
      '',
    )
    const read = text.matchAll(/(?:environment|env)(?:\.|\[')([A-Z][A-Z0-9_]+)|\b(VOLTDROP_[A-Z_]+)/g)
    for (const [, variable, own] of read) {
      const name = variable ?? own ?? ''
      assert.ok(known.has(name), `${file} reads ${name}`)
    }
  }
})

test('the settings of the embedded edge are those that the Worker reads', async () => {
  const declared = await Promise.all(
    [
      'workers/env.ts',
      'durable/ice/grant-ice-servers.ts',
      'durable/lobby/lobby-object.ts',
      'durable/room/lifetime-settings.ts',
    ].map((file) => readFile(path.join(root, file), 'utf8')),
  )
  for (const name of Object.keys(edgeSettings)) {
    assert.ok(
      declared.some((text) => text.includes(`readonly ${name}?:`) || text.includes(`readonly ${name}:`)),
      name,
    )
  }
})

test('every option, variable and command line of the README exists', async () => {
  const readme = await readFile(path.join(root, 'README.md'), 'utf8')
  const lines = readme.split('\n').filter((line) => !/\b(?:wrangler|npm run|docker|curl)\b/.test(line))
  const options = new Set(tables.flatMap(optionsOf).map(({ name }) => name))
  const variables = new Set(tables.flatMap(variablesOf))
  for (const line of lines) {
    for (const [, name] of line.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g))
      assert.ok(options.has(name ?? ''), `--${name}`)
    for (const [name] of line.matchAll(/\bVOLTDROP_[A-Z_]+/g)) assert.ok(variables.has(name), name)
    const [, typed] =
      /^(?:server \w \$ )?voltdrop ((?:send|receive|export|import|edge)\b[^#]*)/.exec(line) ?? []
    if (typed !== undefined) parseArguments(typed.trim().split(/\s+/), {})
  }
})
