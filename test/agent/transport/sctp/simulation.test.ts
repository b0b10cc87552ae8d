/** Thousands of random lives of an association on bad networks. VOLTDROP_SCENARIOS sets how many, VOLTDROP_FIRST_SEED where to begin. */
import test from 'node:test'
import { runScenario } from './scenario.ts'

const scenarios = Number(process.env['VOLTDROP_SCENARIOS'] ?? 3_000)
const firstSeed = Number(process.env['VOLTDROP_FIRST_SEED'] ?? 1)

test(`${scenarios} random scenarios deliver every byte once, in order, and end`, () => {
  for (let seed = firstSeed; seed < firstSeed + scenarios; seed++) runScenario(seed)
})
