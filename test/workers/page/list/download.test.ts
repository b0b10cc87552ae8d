/** The command that a list offers: quoted for a real shell, and parsed by the program itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseArguments } from '../../../../agent/command-line/arguments.ts'
import { sendCommand } from '../../../../workers/page/list/download.ts'
import { shellWords } from '../../../support/shell-words.ts'

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
