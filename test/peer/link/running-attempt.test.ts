/** One attempt takes a limited number of the peer's candidates, wherever they come from. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RunningAttempt } from '../../../peer/link/running-attempt.ts'
import { FakeAttempt } from '../../support/peer/attempts.ts'

function candidates(type: string, count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `candidate:${index} 1 udp 1 192.0.2.${index} 9 typ ${type}`,
  )
}

function sdpWith(lines: readonly string[]): string {
  return ['v=0', 'a=mid:0', ...lines.map((line) => `a=${line}`), ''].join('\r\n')
}

function started(): { running: RunningAttempt; attempt: FakeAttempt } {
  const attempt = new FakeAttempt(0, () => {})
  return { running: new RunningAttempt(attempt, Promise.withResolvers()), attempt }
}

function typesIn(attempt: FakeAttempt): Record<string, number> {
  const described = attempt.description?.match(/^a=candidate:.*$/gm) ?? []
  const lines = [...described, ...attempt.candidates.map(({ candidate }) => candidate)]
  const kinds = Map.groupBy(lines, (line) => line.trimEnd().split(' ')[7] ?? '')
  return Object.fromEntries([...kinds].map(([kind, found]) => [kind, found.length]))
}

test('candidates in a description and trickled ones count together', async () => {
  const { running, attempt } = started()
  const described = [...candidates('host', 170), ...candidates('srflx', 2)]
  await running.accept(sdpWith(described), { onThisHost: false })
  for (const candidate of [...candidates('host', 3), ...candidates('srflx', 9), ...candidates('relay', 9)])
    running.addCandidate({ type: 'candidate', attempt: 0, candidate, sdpMid: '0', sdpMLineIndex: 0 })
  assert.deepEqual(typesIn(attempt), { host: 10, srflx: 5, relay: 3 })
})

test('a second description brings no new candidates', async () => {
  const { running, attempt } = started()
  await running.accept(sdpWith(candidates('host', 10)), { onThisHost: false })
  await running.accept(sdpWith(candidates('host', 10)), { onThisHost: false })
  assert.deepEqual(typesIn(attempt), {})
})

test('what a description holds beside candidates is left as it is', async () => {
  const { running, attempt } = started()
  await running.accept(sdpWith([]), { onThisHost: true })
  assert.equal(attempt.description, sdpWith([]))
  assert.deepEqual(attempt.place, { onThisHost: true })
})
