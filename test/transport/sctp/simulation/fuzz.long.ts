import test from 'node:test'
import { runEverySeed } from './every-seed.ts'
import { PACKETS_PER_ATTACK } from './fuzz.ts'

test('1,000,000 hostile packets throw nothing, and memory use does not grow', () =>
  runEverySeed('attack', 1_000_000 / PACKETS_PER_ATTACK))
