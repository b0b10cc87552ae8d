/** The command line, as a table of what is typed and what it means. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseArguments } from '../../../agent/command-line/arguments.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { Secret } from '../../../protocol/secret.ts'

function parse(line: string, environment = {}): unknown {
  return parseArguments(
    line.split(' ').filter((word) => word !== ''),
    environment,
  )
}

function refused(line: string, environment = {}): string {
  try {
    parse(line, environment)
  } catch (error) {
    assert.ok(error instanceof VoltdropError, String(error))
    assert.equal(error.code, 'usage')
    return error.detail ?? ''
  }
  return assert.fail(`${line} was accepted`)
}

const output = { json: false, quiet: false, debug: false }
const route = {
  edge: new URL('http://127.0.0.1:8787/'),
  iceServerUrls: [],
  iceFile: undefined,
  iceUsername: undefined,
  iceCredential: undefined,
  relayOnly: false,
  transport: 'fast',
  timeoutMs: undefined,
  verify: false,
  trace: undefined,
}

test('send takes a file', () => {
  assert.deepEqual(parse('send pack.csv'), {
    name: 'send',
    ...output,
    ...route,
    source: { path: 'pack.csv' },
    out: undefined,
    words: 2,
  })
})

test('send takes the battery catalogue with filters in the words of the edge', () => {
  const line =
    'send --batteries --chemistry LFP --format-factor pouch --min-capacity 3000 --filter manufacturer=A=B --format ndjson -o out'
  assert.deepEqual(parse(line), {
    name: 'send',
    ...output,
    ...route,
    source: {
      catalogue: 'batteries',
      format: 'ndjson',
      filters: [
        ['chemistry', 'LFP'],
        ['format', 'pouch'],
        ['min_nominal_capacity_mah', '3000'],
        ['manufacturer', 'A=B'],
      ],
    },
    out: 'out',
    words: 2,
  })
})

test('receive takes a code from the line, else from the environment, but a file named on the line wins', () => {
  function code(line: string): unknown {
    return Object.entries(parse(line, { VOLTDROP_CODE: '9-env' }) as object).filter(([name]) =>
      name.startsWith('code'),
    )
  }
  assert.deepEqual(code('receive 7-line'), [
    ['code', '7-line'],
    ['codeFile', undefined],
  ])
  assert.deepEqual(code('receive'), [
    ['code', '9-env'],
    ['codeFile', undefined],
  ])
  assert.deepEqual(code('receive --code-file f'), [
    ['code', undefined],
    ['codeFile', 'f'],
  ])
})

test('sizes and times have units', () => {
  const { maxBytes, timeoutMs } = parse('receive --max-size 1.5G --timeout 5m') as Record<string, number>
  assert.equal(maxBytes, 1.5 * 1024 ** 3)
  assert.equal(timeoutMs, 300_000)
})

test('the data path is our own unless the line names the other one', () => {
  function transport(line: string): unknown {
    return (parse(line) as { transport: unknown }).transport
  }
  assert.equal(transport('receive'), 'fast')
  assert.equal(transport('receive --transport werift'), 'werift')
  assert.throws(() => parse('receive --transport tcp'), /--transport tcp|usage|not understood/)
})

test('the edge comes from the option, else from the environment, and its path is kept', () => {
  function edge(line: string): string {
    return (parse(line, { VOLTDROP_EDGE: 'https://a.example' }) as { edge: URL }).edge.href
  }
  assert.equal(edge('receive'), 'https://a.example/')
  assert.equal(edge('receive --edge https://b.example/drop'), 'https://b.example/drop/')
})

test('help is found under every name, and for each command', () => {
  for (const line of ['', 'help', '--help', '-h'])
    assert.deepEqual(parse(line), { name: 'help', topic: undefined, ...output })
  for (const name of ['send', 'receive', 'export', 'edge']) {
    assert.deepEqual(parse(`${name} --help`), { name: 'help', topic: name, ...output })
  }
})

test('what is not understood is refused by name', () => {
  const table: Record<string, RegExp> = {
    frobnicate: /frobnicate/,
    send: /FILE/,
    'send a b': /one FILE/,
    'send a --batteries': /one FILE/,
    'send --batteries --products': /exclude/,
    'send a --chemistry LFP': /belong to/,
    'send a --unknown': /--unknown/,
    'send a --words 1': /--words 1/,
    'send a --words 99': /--words 99/,
    'send a --words 2x': /--words 2x/,
    'send a --timeout never': /--timeout never/,
    'send a --edge ftp://x': /--edge ftp/,
    'send a --edge http://x/?q': /without \?/,
    'send a --ice-server http://x': /--ice-server/,
    'receive 7-a-b c': /dashes/,
    'receive 7-a-b --code-file f': /not both/,
    'receive --max-size -1': /max-size/,
    'receive --max-size 1e9': /--max-size 1e9/,
    'receive --max-size 9999999T': /--max-size/,
    'export cells': /batteries or products/,
    'export batteries --format xml': /--format xml/,
    'export batteries --filter =x': /name=value/,
    'edge --port 65536': /--port 65536/,
    'edge now': /options only/,
  }
  for (const [line, names] of Object.entries(table)) assert.match(refused(line), names, line)
})

test('a password in an address is refused without being repeated', () => {
  assert.doesNotMatch(refused('send a --edge http://me:hunter2@x'), /hunter2/)
  assert.doesNotMatch(refused('send a --ice-server turn:me:hunter2@x'), /hunter2/)
})

test('a command or option one typing mistake away is offered, and nothing else is', () => {
  assert.match(refused('sned a'), /no command sned; did you mean send\?/)
  assert.match(refused('send a --relay-onyl'), /'--relay-onyl'; did you mean --relay-only\?$/)
  assert.match(refused('receive --jsn'), /did you mean --json\?$/)
  assert.doesNotMatch(refused('transmit a') + refused('send a --colour'), /did you mean/)
})

test('what was typed is escaped before it is repeated', () => {
  assert.doesNotMatch(refused('\u001b[2J'), /\p{Cc}/u)
  assert.doesNotMatch(refused('send a --\u001b[2J'), /\p{Cc}/u)
})

test('import takes a file, what its rows are, and the token from the environment', () => {
  const command = parse(
    'import rows.csv --products --dry-run --set kind=cell --set source_url=https://a/?b=c',
    {
      VOLTDROP_TOKEN: 'secret-token',
    },
  )
  assert.deepEqual(command, {
    name: 'import',
    ...output,
    edge: route.edge,
    path: 'rows.csv',
    catalogue: 'products',
    dryRun: true,
    defaults: new Map([
      ['kind', 'cell'],
      ['source_url', 'https://a/?b=c'],
    ]),
    clearEmpty: false,
    createProducts: false,
    token: new Secret('secret-token'),
    tokenFile: undefined,
  })
  assert.doesNotMatch(JSON.stringify(command), /secret-token/)
  assert.match(refused('import'), /one FILE/)
  assert.match(refused('import a --products --batteries'), /exclude/)
  assert.match(refused('import a --set kind'), /name=value/)
})
