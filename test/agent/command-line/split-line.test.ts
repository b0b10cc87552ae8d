/** Splitting a command line, with node:util's parseArgs as the judge. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseArgs } from 'node:util'
import { splitLine } from '../../../agent/command-line/split-line.ts'
import { seededRandom } from '../../support/simulated-network.ts'

const options = [
  { name: 'json' },
  { name: 'quiet', short: 'q' },
  { name: 'yes', short: 'y' },
  { name: 'out', short: 'o', argument: 'PATH' },
  { name: 'edge', argument: 'URL' },
]

function judged(args: readonly string[]): unknown {
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean' },
      quiet: { type: 'boolean', short: 'q' },
      yes: { type: 'boolean', short: 'y' },
      out: { type: 'string', short: 'o' },
      edge: { type: 'string' },
    },
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  return {
    tokens: tokens.flatMap((token) =>
      token.kind === 'option'
        ? [{ name: token.name, raw: token.rawName, value: token.value, inline: token.inlineValue === true }]
        : [],
    ),
    words: tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : [])),
  }
}

test('options and words are those that parseArgs finds', () => {
  for (const line of [
    'send a --json -o out',
    '-qyo out receive',
    '-qyoout --edge=x=y b',
    '-o=x --out= --json=1 --unknown=2 --unknown -z',
    '-o - - -- -o --json',
    '--edge --json --out',
    '--= --=x -=',
  ]) {
    assert.deepEqual(splitLine(line.split(' '), options), judged(line.split(' ')), line)
  }
})

test('options and words of 20,000 random lines are those that parseArgs finds', () => {
  const random = seededRandom(1)
  const parts = [
    '-',
    '--',
    '=',
    'o',
    'q',
    'y',
    'z',
    'json',
    'out',
    'edge',
    'a',
    '',
    '=x',
    '-o',
    '-q',
    '--out',
    '--edge',
  ]
  function part(): string {
    return parts[Math.floor(random() * parts.length)] ?? ''
  }
  for (let round = 0; round < 20_000; round++) {
    const args = Array.from({ length: 1 + Math.floor(random() * 6) }, () => part() + part() + part())
    // Two oddities of parseArgs alone: a dash inside a group of letters ends the options, and `--=` has an empty name.
    if (args.some((arg) => /^-[^-].*-|^--=/.test(arg))) continue
    assert.deepEqual(splitLine(args, options), judged(args), JSON.stringify(args))
  }
})
