/** What is typed, and what it means or why it is refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outputOf, parseArguments } from '../../../agent/command-line/arguments.ts'
import { failsAs } from '../../support/edge/fake-edge.ts'
import { Secret } from '../../../protocol/secret.ts'

import { parse, refused } from './parse-line.ts'

const output = { json: false, quiet: false, debug: false }
const route = {
  edge: undefined,
  edgeHeaders: undefined,
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

test('send takes the battery catalogue, with filters under the names of the edge', () => {
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

test('receive prefers a code on the line to a code file, and both to the environment', () => {
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

test('sizes and times are read with their units', () => {
  const { maxBytes, timeoutMs } = parse('receive --max-size 1.5G --timeout 5m') as Record<string, number>
  assert.equal(maxBytes, 1.5 * 1024 ** 3)
  assert.equal(timeoutMs, 300_000)
})

test('the data path is the fast one unless --transport names the other', () => {
  function transport(line: string): unknown {
    return (parse(line) as { transport: unknown }).transport
  }
  assert.equal(transport('receive'), 'fast')
  assert.equal(transport('receive --transport werift'), 'werift')
  assert.throws(() => parse('receive --transport tcp'), /--transport tcp|usage|not understood/)
})

test('--edge is preferred to VOLTDROP_EDGE, and the path of the address is kept', () => {
  function edge(line: string): string {
    return (parse(line, { VOLTDROP_EDGE: 'https://a.example' }) as { edge: URL }).edge.href
  }
  assert.equal(edge('receive'), 'https://a.example/')
  assert.equal(edge('receive --edge https://b.example/drop'), 'https://b.example/drop/')
})

test('an empty --edge is refused, and an empty VOLTDROP_EDGE counts as not set', () => {
  assert.throws(() => parseArguments(['receive', '--edge', ''], {}), failsAs('usage', /^--edge is empty/))
  assert.throws(() => parse('receive', { VOLTDROP_EDGE: 'x' }), failsAs('usage', /^VOLTDROP_EDGE x: /))
  assert.equal((parse('receive', { VOLTDROP_EDGE: '' }) as { edge?: URL }).edge, undefined)
})

test('config shows, sets and forgets the edge, and takes nothing else', () => {
  function change(line: string): unknown {
    return (parse(line) as { change: unknown }).change
  }
  assert.equal(change('config'), undefined)
  assert.equal(change('config edge'), undefined)
  assert.deepEqual(change('config edge https://edge.example/drop'), new URL('https://edge.example/drop/'))
  assert.equal(change('config edge --unset'), 'unset')
  for (const line of ['config colour red', 'config --unset', 'config edge https://a.example --unset'])
    refused(line)
  assert.match(refused('config edge ftp://a'), /https:/)
})

test('help is printed for every spelling of it, and for each command', () => {
  for (const line of ['', 'help', '--help', '-h'])
    assert.deepEqual(parse(line), { name: 'help', topic: undefined, ...output })
  for (const name of ['send', 'receive', 'export', 'import', 'edge', 'help', 'version']) {
    assert.deepEqual(parse(`${name} --help`), { name: 'help', topic: name, ...output })
  }
})

test('a line that is not understood is refused, and the message names what is wrong', () => {
  const table: Record<string, RegExp> = {
    frobnicate: /one of send, receive/,
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
    'receive 7-a-b --code-file f': /not both/,
    'receive --max-size -1': /max-size/,
    'receive --max-size 1e9': /--max-size 1e9/,
    'receive --max-size 9999999T': /--max-size/,
    'export cells': /batteries or products/,
    'export batteries --format xml': /--format xml/,
    'export batteries --filter =x': /name=value/,
    'export batteries --chemistry LFP --chemistry NMC': /--chemistry is given more than once/,
    'export batteries --chemistry LFP --filter chemistry=NMC': /filter chemistry is given more than once/,
    'send --batteries --filter kind=cell --filter kind=pack': /filter kind is given more than once/,
    'export batteries --format csv --format json': /--format is given more than once/,
    'export batteries --filter as=json': /--format/,
    'export batteries -o -': /--out -: what is saved is a verified file/,
    'send --batteries -o -': /--out -/,
    'receive -o -': /--out -/,
    'edge --port 65536': /--port 65536/,
    'edge now': /options only/,
  }
  for (const [line, names] of Object.entries(table)) assert.match(refused(line), names, line)
})

test('options are accepted before the command, between words and after them', () => {
  const expected = parse('send a --json --edge https://b.example --words 4')
  for (const line of [
    '--json --edge https://b.example --words 4 send a',
    '--edge https://b.example send --words=4 a --json',
    'send --json --edge https://b.example a --words 4',
    '--words 4 send --edge https://b.example --json -- a',
  ]) {
    assert.deepEqual(parse(line), expected, line)
  }
  assert.deepEqual(parse('-qo out receive -y 7-a-b'), parse('receive 7-a-b -q -o out -y'))
  assert.deepEqual(parse('--help send'), parse('send --help'))
})

test('-- ends the options, so that a file name may begin with a dash', () => {
  assert.match(refused('send -cells.csv'), /no option '-c'; a name that begins with a dash is written \.\/-/)
  assert.deepEqual((parse('send -- --json') as { source: unknown }).source, { path: '--json' })
  assert.match(refused('send -- a --json'), /one FILE/)
})

test('an option of another command is refused on either side of the command', () => {
  for (const line of ['send a --yes', '--yes send a', 'send --yes a'])
    assert.match(refused(line), /send has no option '--yes'; it belongs to receive$/)
  assert.match(refused('--words 4 export batteries'), /export has no option '--words'/)
  assert.match(refused('--egde https://b.example send a'), /'--egde'; did you mean --edge\?$/)
})

test('an option without its value, and a switch with one, are refused', () => {
  assert.match(refused('send a --edge'), /--edge needs a value: --edge URL/)
  assert.match(refused('send a --out --json'), /--out is followed by --json; .* --out=--json$/)
  assert.match(refused('send a -o --json'), /write -o--json$/)
  assert.match(refused('send a --json=yes'), /--json takes no value/)
})

test('a line with options and no command is refused, unless it asks for help or the version', () => {
  assert.match(refused('--json'), /a command is expected/)
  assert.deepEqual(parse('--json --help'), { name: 'help', topic: undefined, ...output, json: true })
  for (const line of ['version', '--version', '-V', 'send --version'])
    assert.deepEqual(parse(line), { name: 'version', ...output })
})

test('the output options of a line that is not understood are still obeyed', () => {
  for (const line of ['--json frobnicate', 'send --no-such --json', '--edge', 'send a b --json -x'])
    assert.equal(outputOf(line.split(' '), {}).json, line.includes('json'), line)
  for (const word of [
    '--',
    '-',
    '--=',
    '-=',
    '--__proto__',
    '--__proto__=1',
    '-\u0000',
    '',
    '--json=1',
    '---',
  ])
    assert.equal(outputOf([word, word], {}).quiet, false, word)
})

test('a code is known to be typed only when it is on the line', () => {
  function isTyped(line: string): unknown {
    return (parse(line, { VOLTDROP_CODE: '7-a-b' }) as { isTyped: unknown }).isTyped
  }
  assert.deepEqual([isTyped('receive 7-a-b'), isTyped('receive')], [true, false])
})

test('credentials for ICE servers come from the environment and are not printed', () => {
  const command = parse('send a', { VOLTDROP_ICE_USERNAME: 'me', VOLTDROP_ICE_CREDENTIAL: 'hunter2' })
  assert.deepEqual((command as { iceCredential: unknown }).iceCredential, new Secret('hunter2'))
  assert.doesNotMatch(JSON.stringify(command), /hunter2/)
})

test('a password in an address is refused and not repeated in the message', () => {
  assert.doesNotMatch(refused('send a --edge http://me:hunter2@x'), /hunter2/)
  assert.doesNotMatch(refused('send a --ice-server turn:me:hunter2@x'), /hunter2/)
})

test('what was typed is escaped before a message repeats it', () => {
  assert.doesNotMatch(refused('\u001b[2J'), /\p{Cc}/u)
  assert.doesNotMatch(refused('send a --\u001b[2J'), /\p{Cc}/u)
})

test('import takes a file, the kind of its rows, and the token from the environment', () => {
  const command = parse(
    'import rows.csv --products --dry-run --set kind=cell --set source_url=https://a/?b=c',
    {
      VOLTDROP_TOKEN: 'secret-token',
    },
  )
  assert.deepEqual(command, {
    name: 'import',
    ...output,
    edge: undefined,
    edgeHeaders: undefined,
    insecureEdge: false,
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
