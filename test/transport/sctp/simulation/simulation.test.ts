/** Random scenarios on bad networks; simulation.long.ts runs a hundred times as many. VOLTDROP_SEED repeats one. */
import test from 'node:test'
import { runScenario } from './scenario.ts'

const only = process.env['VOLTDROP_SEED']
const seeds = only === undefined ? Array.from({ length: 1_000 }, (_, index) => index + 1) : [Number(only)]

test('1,000 random scenarios deliver every byte once, in order, and end', () => {
  for (const seed of seeds) runScenario(seed)
})
