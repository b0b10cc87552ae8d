/** What sending and receiving have in common: getting from a seat in a room to an open link, and what the user sees meanwhile. */
import type { IceServer } from '../../peer/channel.ts'
import { type Connection, connect } from '../../peer/link/connect.ts'
import {
  type Meeting,
  type MeetingOptions,
  meetAsReceiver,
  meetAsSender,
} from '../../peer/meeting/meeting.ts'
import type { Link } from '../../peer/link/link.ts'
import { asVoltdropError, type Failure, VoltdropError } from '../../protocol/errors.ts'
import { Conversation } from '../../peer/transfer/conversation.ts'
import { encodeError } from '../../protocol/transfer/closing-frames.ts'
import { PROTOCOL_VERSION } from '../../protocol/compatibility.ts'
import type { Route } from '../command-line/arguments.ts'
import { systemClock } from '../clock.ts'
import type { Context } from '../context.ts'
import type { Role } from '../terminal/events.ts'
import { watchEdge } from '../paths/edge-reach.ts'
import { type EdgeReach, screenEdgeServers } from '../paths/edge-servers.ts'
import { hostIdentity } from '../paths/host-identity.ts'
import { requireRelay } from '../paths/ice-settings.ts'
import { nodePrimitives } from '../primitives.ts'
import { askYes } from '../terminal/prompt.ts'
import { takeLastingSeat } from './room-seat.ts'
import { VERSION } from '../version.ts'

const LOST = 'the connection to the edge broke; trying to return to the room'
const CAME_AND_LEFT = 'someone came to the room and left without trying the code; still waiting'
/** A sender that is there answers sooner. Whoever waits longer is told for what. */
const SILENCE_MS = 1_500
const NO_GUESS = 'no guess was used up'

export type Seat = Pick<MeetingOptions, 'code' | 'beforeGuess' | 'waitMs'> & {
  /** Only the host has one. */
  readonly token?: string
}

/**
 * Takes the seat, meets the other side and opens a link to it. `meanwhile` is work that runs at the same time: when it fails, the meeting
 * ends and the error of that work is thrown.
 */
export async function reachPeer(
  role: Role,
  seat: Seat,
  route: Route,
  context: Context,
  meanwhile: Promise<unknown>,
  { iceServers: ownServers, trace }: Own = {},
): Promise<Connection> {
  // Loaded while the room is being entered, because loading WebRTC takes longest.
  const transport = import('../paths/data-channel.ts')
  const werift = transport.then(({ preloadWerift }) => preloadWerift())
  // A transport that cannot be loaded is reported where it is used.
  werift.catch(() => {})
  const edge = watchEdge(route.edge, context.environment)
  const meeting = await meetInTime(role, seat, route, context, meanwhile).finally(() => edge.stop())
  try {
    context.terminal.report({ t: 'peer', verify: meeting.verification.join(' ') })
    const iceServers = ownServers ?? (await edgeServers(meeting, edge.reach(), route, context))
    const connection = await connect({
      meeting,
      startAttempt: (await transport).startDataChannels({
        transport: route.transport,
        towards: edge.hosts(),
        ...(trace === undefined ? {} : { trace }),
      }),
      primitives: nodePrimitives,
      clock: systemClock,
      hello: { version: PROTOCOL_VERSION, capabilities: [], agent: `voltdrop/${VERSION}` },
      iceServers,
      relayOnly: route.relayOnly,
      hostIdentity: await hostIdentity(),
      signal: context.signal,
    })
    const { kind, protocol, roundTripMs } = connection.path()
    // A tenth of a millisecond is more than any clock here keeps.
    const rtt_ms = roundTripMs === undefined ? undefined : Math.round(roundTripMs * 10) / 10
    context.terminal.report({ t: 'path', kind, protocol, rtt_ms })
    if (route.verify) await askSame(meeting, connection.link, context)
    return connection
  } finally {
    meeting.close()
  }
}

/** What this side brings along. */
export type Own = {
  /** In place of those of the edge. */
  readonly iceServers?: readonly IceServer[] | undefined
  /** Receives the packet events of the connection. */
  readonly trace?: ((event: object) => void) | undefined
}

/** Those of the servers that the edge names that are asked. The user is told about the others, and the other side when no relay is left. */
async function edgeServers(
  { iceServers, signals }: Meeting,
  reach: EdgeReach,
  { relayOnly }: Route,
  { terminal }: Context,
): Promise<readonly IceServer[]> {
  const { servers, refusals } = await screenEdgeServers(iceServers, reach)
  for (const text of refusals) terminal.report({ t: 'warning', text })
  try {
    requireRelay(servers, relayOnly)
  } catch (error) {
    // The other side would wait in vain for an attempt. Without the room it learns that this side has left.
    await signals.send({ type: 'no-relay' }).catch(() => {})
    throw error
  }
  return servers
}

/** Meets within `--timeout`, which limits the time until the other side has come and proved that it knows the code. */
async function meetInTime(
  role: Role,
  { token, ...seat }: Seat,
  route: Route,
  context: Context,
  meanwhile: Promise<unknown>,
): Promise<Meeting> {
  const stop = new AbortController()
  const late = new VoltdropError('meeting_timeout')
  const timer =
    route.timeoutMs === undefined ? undefined : setTimeout(() => stop.abort(late), route.timeoutMs)
  meanwhile.catch((error: unknown) => stop.abort(error))
  const signal = AbortSignal.any([context.signal, stop.signal])
  const sayWaiting = setTimeout(() => {
    if (role === 'receiver') context.terminal.report({ t: 'waiting', expires_in_seconds: undefined })
  }, SILENCE_MS)
  try {
    function onLost(): void {
      return context.terminal.report({ t: 'warning', text: LOST })
    }
    const socket = await takeLastingSeat({ edge: route.edge, room: seat.code.room, token, signal, onLost })
    const meet = role === 'sender' ? meetAsSender : meetAsReceiver
    const onPeerLeft = once(() => context.terminal.report({ t: 'warning', text: CAME_AND_LEFT }))
    return await meet({
      ...seat,
      socket,
      primitives: nodePrimitives,
      clock: systemClock,
      signal,
      ...(role === 'sender' ? { onPeerLeft } : {}),
    })
  } catch (error) {
    const failure = withAddress(asVoltdropError(error), route.edge)
    // A seat that was not taken because of the reason above fails with `cancelled`.
    if (failure.code === 'cancelled' && stop.signal.aborted && !context.signal.aborted)
      throw stop.signal.reason
    throw role === 'receiver' ? withGuess(failure) : failure
  } finally {
    clearTimeout(timer)
    clearTimeout(sayWaiting)
  }
}

/** Adds the address of the edge to an error of the room's connection, which does not know it: it may be the wrong one. */
function withAddress(error: VoltdropError, edge: URL): VoltdropError {
  const isOfEdge = error.code === 'edge_unreachable' || error.code === 'no_such_room'
  return isOfEdge && error.detail === undefined
    ? new VoltdropError(error.code, edge.origin, { cause: error })
    : error
}

/** Before its share has left, a receiver may try the same code again, and should know it. */
const BEFORE_THE_GUESS: readonly Failure[] = [
  'edge_unreachable',
  'edge_refused',
  'rate_limited',
  'interrupted',
  'meeting_timeout',
]

function withGuess(error: VoltdropError): VoltdropError {
  if (!BEFORE_THE_GUESS.includes(error.code)) return error
  const detail = error.detail === undefined ? NO_GUESS : `${error.detail}; ${NO_GUESS}`
  return new VoltdropError(error.code, detail, { cause: error })
}

function once(call: () => void): () => void {
  let called = false
  return () => {
    if (!called) call()
    called = true
  }
}

/**
 * Asks the user, who must confirm: nothing is offered, accepted or saved without a yes. A peer that leaves meanwhile ends the question,
 * and the run with it, whatever it sent before.
 */
async function askSame({ verification }: Meeting, link: Link, { keyboard, signal }: Context): Promise<void> {
  const gone = new AbortController()
  void link.peerGone.then(() => gone.abort())
  const question = `same?      does the other side show  ${verification.join(' ')}`
  try {
    const stop = AbortSignal.any([signal, gone.signal])
    if (keyboard !== undefined && (await askYes(keyboard, question, 'no', stop))) return
  } catch (error) {
    await leave(link, gone.signal.aborted && !signal.aborted ? await lastWord(link) : asVoltdropError(error))
  }
  await leave(link, new VoltdropError('wrong_code', 'the verification strings differ'))
}

/** Why a peer that has ended the link says it left. What it sent before that is dropped: it was not asked for. */
async function lastWord(link: Link): Promise<VoltdropError> {
  const conversation = new Conversation(link, systemClock)
  try {
    // It has ended the link, so that there are only those that wait.
    for (;;) await conversation.next()
  } catch (error) {
    return asVoltdropError(error)
  }
}

/** Reports `error` to the other side, closes the link, and throws it. */
async function leave(link: Link, error: VoltdropError): Promise<never> {
  link.send(encodeError(error.code)).catch(() => {}) // on a lost link, the other side notices by itself
  await link.close()
  throw error
}
