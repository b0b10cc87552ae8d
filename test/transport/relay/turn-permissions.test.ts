/** What a TURN server learns about the peer, and what the peer learns when only a relay may be used: with a real coturn. */
import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import test, { type TestContext } from 'node:test'
import type { Candidate, IceServer } from '../../../transport/contract.ts'
import { makeStartAttempt } from '../../../transport/webrtc-attempt.ts'
import { type Coturn, coturnLogin, noCoturn, startCoturn } from '../../support/edge/coturn.ts'
import { tapTurn } from './turn-tap.ts'

const start = makeStartAttempt({ transport: 'fast' })
const place = { onThisHost: true }

/** The best candidate of a peer is its own address; the others are how it is known outside. */
const HOST = 'candidate:1 1 udp 2130706431 127.0.0.77 50077 typ host'
const REFLEXIVE = 'candidate:2 1 udp 1694498815 127.0.0.78 50078 typ srflx raddr 127.0.0.77 rport 50077'
const RELAYED = 'candidate:3 1 udp 16777215 127.0.0.79 50079 typ relay raddr 0.0.0.0 rport 0'

/** Addresses that a TURN server is told by an attempt whose peer has three candidates. */
async function toldBy(
  t: TestContext,
  coturn: Coturn,
  rules: Pick<IceServer, 'mayLearnHosts'>,
  relayOnly: boolean,
): Promise<string[]> {
  const tap = await tapTurn(t, coturn.url)
  const server = { urls: [tap.url], ...coturnLogin(coturn), ...rules }
  const attempt = start({ iceServers: [server], relayOnly, onCandidate() {} })
  const other = start({ iceServers: [], relayOnly: false, onCandidate() {} })
  const answer = await other.answer(await attempt.offer())
  other.close()
  const lines = [HOST, REFLEXIVE, RELAYED].map((line) => `a=${line}\r\n`)
  await attempt.accept(`${answer.trimEnd()}\r\n${lines.join('')}`, place)
  // The last in order of priority.
  await tap.waitFor('127.0.0.79')
  attempt.close()
  return [...tap.named]
}

/** Connects two attempts through `coturn` alone; all descriptions and candidates that they exchange. */
async function connectRelayed(coturn: Coturn): Promise<{ descriptions: string[]; candidates: string[] }> {
  const candidates: string[] = []
  const options = { iceServers: [{ urls: [coturn.url], ...coturnLogin(coturn) }], relayOnly: true }
  function tell(to: 'a' | 'b', candidate: Candidate): void {
    candidates.push(candidate.candidate)
    attempts[to].addCandidate(candidate)
  }
  const attempts = {
    a: start({ ...options, onCandidate: (candidate) => tell('b', candidate) }),
    b: start({ ...options, onCandidate: (candidate) => tell('a', candidate) }),
  }
  const { a, b } = attempts
  const offer = await a.offer()
  const answer = await b.answer(offer, place)
  await a.accept(answer, place)
  const [offering] = await Promise.all([a.opened, b.opened])
  assert.equal(offering.path().kind, 'relayed')
  a.close()
  b.close()
  return { descriptions: [offer, answer], candidates }
}

test('what TURN servers and peers are told', { skip: noCoturn }, async (t) => {
  const coturn = await startCoturn(t)

  await t.test('a server that an edge names gets no permission for the peer’s own address', async () => {
    for (const relayOnly of [false, true])
      assert.deepEqual(await toldBy(t, coturn, {}, relayOnly), ['127.0.0.78', '127.0.0.79'])
  })

  await t.test('a server that may know it does, unless only a relay may be used', async () => {
    const rules = { mayLearnHosts: true }
    assert.deepEqual(await toldBy(t, coturn, rules, false), ['127.0.0.77', '127.0.0.78', '127.0.0.79'])
    assert.deepEqual(await toldBy(t, coturn, rules, true), ['127.0.0.78', '127.0.0.79'])
  })

  await t.test(
    'with a relay only, nothing that is told contains an address or port of this host',
    async () => {
      const { descriptions, candidates } = await connectRelayed(coturn)
      assert.ok(candidates.length >= 2)
      for (const line of candidates)
        assert.match(line, / 127\.0\.0\.1 \d+ typ relay raddr 0\.0\.0\.0 rport 0( |$)/)
      const own = Object.values(networkInterfaces()).flatMap((infos) =>
        (infos ?? []).map(({ address }) => address),
      )
      for (const text of descriptions) {
        assert.match(text, /^o=\S+ \S+ \S+ IN IP4 0\.0\.0\.0\r$/m)
        for (const address of own) assert.ok(!text.includes(` ${address}`), address)
        assert.doesNotMatch(text, /^a=candidate/m)
      }
    },
  )
})
