/** How people type a line: in any order, with spaces in a code, with mistakes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseArguments } from '../../../agent/command-line/arguments.ts'
import { commandTables } from '../../../agent/command-line/command-tables.ts'
import { commonOptions } from '../../../agent/command-line/options/common-options.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { failsAs } from '../../support/edge/fake-edge.ts'

function parse(line: string): unknown {
  return parseArguments(line.split(' '), {})
}

/** The parsed line, or why it is refused. */
function outcome(line: string): unknown {
  try {
    return parse(line)
  } catch (error) {
    return error instanceof VoltdropError ? error.detail : error
  }
}

function refused(line: string): string {
  const why = outcome(line)
  assert.ok(typeof why === 'string', `${line} was accepted`)
  return why
}

test('the message suggests the command or option that is nearest, where one is near', () => {
  assert.match(refused('sned a'), /no such command; did you mean send\?$/)
  assert.match(refused('rec'), /did you mean receive\?$/)
  assert.match(refused('exprot batteries'), /did you mean export\?$/)
  assert.match(refused('send a --chem LFP'), /did you mean --chemistry\?$/)
  assert.match(refused('receive --outdir x'), /did you mean --out\?$/)
  assert.match(refused('receive --max 1G'), /did you mean --max-size\?$/)
  assert.match(refused('send a --relay-onyl'), /'--relay-onyl'; did you mean --relay-only\?$/)
  assert.match(refused('receive --jsn'), /did you mean --json\?$/)
  assert.doesNotMatch(refused('transmit a') + refused('send a --colour'), /did you mean/)
})

test('what stands in place of a command is not repeated: it is probably a code', () => {
  for (const line of [
    '7-goose-gift',
    '7 goose gift',
    'goose-gift',
    '--json 7-goose-gift',
    'help 7-goose-gift',
  ])
    if (line.startsWith('help')) assert.doesNotThrow(() => parse(line))
    else assert.doesNotMatch(refused(line), /goose|gift/, line)
  assert.match(refused('7-goose-gift'), /voltdrop receive$/)
})

test('the words of a code may be typed as words of the line', () => {
  function code(line: string): unknown {
    return (parse(line) as { code: unknown }).code
  }
  assert.equal(code('receive 7 goose gift'), '7 goose gift')
  assert.equal(code('receive 7-goose --yes gift'), '7-goose gift')
  assert.match(refused('receive 7 goose gift --code-file f'), /not both/)
})

test('every option of every command means the same before the command as after it', () => {
  for (const { name, options, positionals } of commandTables) {
    const words = Object.values(positionals).some((entry) => 'required' in entry) || name === 'send'
    const rest = words ? (name === 'export' ? ' batteries' : ' a') : ''
    for (const entry of Object.values({ ...options, ...commonOptions })) {
      if (!('name' in entry)) continue
      const option = 'argument' in entry ? `--${entry.name} ${sample(entry.name)}` : `--${entry.name}`
      assert.deepEqual(outcome(`${option} ${name}${rest}`), outcome(`${name}${rest} ${option}`), option)
    }
  }
})

/** A value that the option takes. */
function sample(option: string): string {
  const samples: Record<string, string> = {
    edge: 'https://b.example',
    'ice-server': 'stun:b.example',
    transport: 'werift',
    format: 'json',
    filter: 'a=b',
    set: 'a=b',
  }
  return samples[option] ?? '5'
}

test('an empty value or word is refused: a variable that is not set must not change what is meant', () => {
  for (const [args, said] of [
    [['receive', '--out', ''], '--out is empty'],
    [['receive', '--out='], '--out is empty'],
    [['receive', '-o', '', '7-a-b'], '-o is empty'],
    [['send', 'a', '--trace', ''], '--trace is empty'],
    [['export', 'batteries', '--manufacturer', ''], '--manufacturer is empty'],
    [['send', ''], 'a word of the line is empty'],
    [['receive', ''], 'a word of the line is empty'],
    [['', 'send', 'a'], 'a word of the line is empty'],
    [['config', 'edge', ''], 'a word of the line is empty'],
  ] as const)
    assert.throws(() => parseArguments(args, {}), failsAs('usage', new RegExp(`^${said}; is a variable`)))
})
