/** Connecting in memory: two sides that have met, a network that decides what happens to each attempt, and checks of the result. */
import assert from 'node:assert/strict'
import { connect } from '../../../peer/link/connect.ts'
import type { ConnectOptions, Connection } from '../../../peer/link/connect.ts'
import type { Meeting } from '../../../peer/meeting/meeting.ts'
import { asVoltdropError } from '../../../protocol/errors.ts'
import { decodeFrame } from '../../../protocol/transfer/frames.ts'
import { encodeBye } from '../../../protocol/transfer/closing-frames.ts'
import type { HelloBody } from '../../../protocol/transfer/opening-frames.ts'
import { nodeCiphers } from './aead.ts'
import { FakeNetwork } from './attempts.ts'
import type { Fate } from './attempts.ts'
import { settled } from '../clock.ts'
import type { VirtualClock } from '../clock.ts'
import { metPair } from './meetings.ts'
import type { RoomPair } from './room-pair.ts'

export function hello(agent: string): HelloBody {
  return { version: 1, capabilities: [], agent }
}

/** The outcome of connecting: a connection, or the code of the failure. */
export type Ended = { readonly connection?: Connection; readonly failure?: string }

export type Connecting = {
  readonly network: FakeNetwork
  readonly clock: VirtualClock
  readonly room: RoomPair
  readonly meetings: Readonly<Record<'sender' | 'receiver', Meeting>>
  readonly sender: Promise<Ended>
  readonly receiver: Promise<Ended>
}

export function ended(connecting: Promise<Connection>): Promise<Ended> {
  return connecting.then(
    (connection) => ({ connection }),
    (error: unknown) => ({ failure: asVoltdropError(error).code }),
  )
}

export async function startConnecting(
  fates: readonly Fate[],
  options: {
    readonly gathered?: readonly string[]
    readonly signal?: AbortSignal
    /** What each side knows about its host. */
    readonly identities?: Readonly<Partial<Record<'sender' | 'receiver', string | undefined>>>
  } = {},
): Promise<Connecting> {
  const { room, clock, sender, receiver } = await metPair()
  const network = new FakeNetwork(clock, fates, options.gathered)
  const other: Partial<ConnectOptions> = options.signal ? { signal: options.signal } : {}
  const { identities = {} } = options
  const common = { primitives: nodeCiphers, clock, ...other }
  return {
    network,
    clock,
    room,
    meetings: { sender, receiver },
    sender: ended(
      connect({
        ...common,
        meeting: sender,
        startAttempt: network.startOffering,
        hello: hello('sends'),
        hostIdentity: identities.sender,
      }),
    ),
    receiver: ended(
      connect({
        ...common,
        meeting: receiver,
        startAttempt: network.startAnswering,
        hello: hello('receives'),
        hostIdentity: identities.receiver,
      }),
    ),
  }
}

/** Checks that both sides have the two ends of one link, uses it, and closes everything. */
export async function checkConnected(
  { sender, receiver, clock, network, meetings }: Connecting,
  attempt: number,
): Promise<void> {
  const [a, b] = [(await sender).connection, (await receiver).connection]
  assert.ok(a && b, 'both sides are connected')
  assert.deepEqual([a.peer, b.peer], [hello('receives'), hello('sends')])
  assert.deepEqual([a.path().roundTripMs, b.path().roundTripMs], [attempt, attempt], 'the attempt that won')
  await a.link.send(encodeBye())
  const first = await b.link.messages[Symbol.asyncIterator]().next()
  assert.deepEqual(decodeFrame(first.value ?? assert.fail('nothing came')), { type: 'bye' })
  await settled()
  await Promise.all([a.link.close(), b.link.close()])
  // Leaving the room afterwards, as the agent does, must have no effect.
  for (const meeting of Object.values(meetings)) meeting.close()
  await settled()
  const losers = [...network.offering, ...network.answering].filter(({ number }) => number !== attempt)
  assert.ok(
    losers.every(({ closed }) => closed),
    'the other attempts are closed',
  )
  assert.equal(clock.pending, 0)
}
