/** The command that a list offers: quoted for a real shell, and parsed by the program itself. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { parseArguments } from '../../../../agent/command-line/arguments.ts'
import { sendCommand, shellWord } from '../../../../workers/page/list/download.ts'

/** A command line split into words by a real shell. */
function shellWords(command: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
}

for (const hostile of [
  `'; touch /tmp/x; '`,
  '$(id)',
  '`id`',
  '--yes',
  'a\\',
  '!!',
  '"',
  '*',
  '~',
  'ü 🔋',
  '-',
])
  test(`a shell reads the quoted ${hostile} as one word`, () => {
    assert.deepEqual(shellWords(shellWord(hostile)), [hostile])
  })

test('voltdrop parses the command to the filters of the list', () => {
  const filters = {
    chemistry: 'LFP',
    format: 'pouch',
    manufacturer: `-O'Neil & "Sons" $(id)`,
    min_nominal_capacity_mah: '1000',
    max_mass_mg: '45000',
    q: '-x y',
  }
  const origin = 'https://edge.example:8443'
  const [program, ...words] = shellWords(sendCommand({ resource: 'batteries', filters, origin }))
  assert.equal(program, 'voltdrop')
  const command = parseArguments(words, {})
  assert.equal(command.name, 'send')
  assert.equal(command.edge?.origin, origin)
  assert.ok('catalogue' in command.source)
  assert.equal(command.source.catalogue, 'batteries')
  assert.deepEqual(Object.fromEntries(command.source.filters), filters)
})

test('the command for products has every filter', () => {
  const filters = { category: 'charger', manufacturer: 'Alpha Cells' }
  const words = shellWords(sendCommand({ resource: 'products', filters, origin: 'http://127.0.0.1:1' }))
  const command = parseArguments(words.slice(1), {})
  assert.ok(command.name === 'send' && 'catalogue' in command.source)
  assert.deepEqual(Object.fromEntries(command.source.filters), filters)
})
