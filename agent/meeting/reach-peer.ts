/** What sending and receiving have in common: the way from a seat in a room to an open link, and what the person sees of it. */
import { type Connection, connect } from '../../peer/link/connect.ts'
import {
  type Meeting,
  type MeetingOptions,
  meetAsReceiver,
  meetAsSender,
} from '../../peer/meeting/meeting.ts'
import type { FileSums } from '../../peer/transfer/file-digest.ts'
import type { OnProgress } from '../../peer/transfer/send-file.ts'
import type { Link } from '../../peer/link/link.ts'
import { asVoltdropError, VoltdropError } from '../../protocol/errors.ts'
import { encodeError, PROTOCOL_VERSION } from '../../protocol/transfer/frames.ts'
import type { Route } from '../command-line/arguments.ts'
import { systemClock } from '../clock.ts'
import type { Context } from '../context.ts'
import type { TransportKind } from '../paths/data-channel.ts'
import type { Role } from '../terminal/events.ts'
import { ownIceServers } from '../paths/ice-settings.ts'
import { nodePrimitives } from '../primitives.ts'
import { ProgressMeter } from '../terminal/progress-meter.ts'
import { askYes } from '../terminal/prompt.ts'
import { takeLastingSeat } from './room-seat.ts'
import { VERSION } from '../version.ts'

const LOST = 'the connection to the edge broke; trying to come back to the room'

export type Seat = Pick<MeetingOptions, 'code'> & {
  /** The host's; a guest has none. */
  readonly token?: string
}

/**
 * Takes the seat, meets the other side and opens a link to it. `meanwhile` is work that goes on at the same time: when it fails, the
 * meeting is left and its error thrown. `trace` receives the packet events of the connection.
 */
export async function reachPeer(
  role: Role,
  seat: Seat,
  route: Route,
  context: Context,
  meanwhile: Promise<unknown>,
  trace?: Trace,
): Promise<Connection> {
  // Loaded while the room is on its way: WebRTC takes longer to load than the code to print.
  const transport = import('../paths/data-channel.ts')
  const werift = transport.then(({ preloadWerift }) => preloadWerift())
  // A transport that cannot be loaded is an error where it is used.
  werift.catch(() => {})
  const iceServers = await ownIceServers(route)
  const meeting = await meetInTime(role, seat, route, context, meanwhile)
  try {
    context.terminal.report({ t: 'peer', verify: meeting.verification.join(' ') })
    const connection = await connect({
      meeting,
      startAttempt: (await transport).startDataChannels(transportOptions(route.transport, trace)),
      primitives: nodePrimitives,
      clock: systemClock,
      hello: { version: PROTOCOL_VERSION, capabilities: [], agent: `voltdrop/${VERSION}` },
      ...(iceServers === undefined ? {} : { iceServers }),
      relayOnly: route.relayOnly,
      signal: context.signal,
    })
    const { kind, protocol, roundTripMs } = connection.path()
    context.terminal.report({ t: 'path', kind, protocol, rtt_ms: roundTripMs })
    if (route.verify) await askSame(meeting, connection.link, context)
    return connection
  } finally {
    meeting.close()
  }
}

type Trace = (event: object) => void

/** Typed here: a transport without packet events has no such option. */
function transportOptions(transport: TransportKind, trace: Trace | undefined) {
  const options: { transport: TransportKind; trace?: Trace } =
    trace === undefined ? { transport } : { transport, trace }
  return options
}

/** Meets within `--timeout`, which counts until the other side has come and proved itself. */
async function meetInTime(
  role: Role,
  { code, token }: Seat,
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
  try {
    function onLost(): void {
      return context.terminal.report({ t: 'warning', text: LOST })
    }
    const socket = await takeLastingSeat({ edge: route.edge, room: code.room, token, signal, onLost })
    const meet = role === 'sender' ? meetAsSender : meetAsReceiver
    return await meet({ socket, code, primitives: nodePrimitives, clock: systemClock, signal })
  } catch (error) {
    // A meeting that was stopped from here says only `cancelled`.
    if (stop.signal.aborted && !context.signal.aborted) throw stop.signal.reason
    throw named(asVoltdropError(error), route.edge)
  } finally {
    clearTimeout(timer)
  }
}

/** A room whose connection broke does not know where it was. */
function named(error: VoltdropError, edge: URL): VoltdropError {
  const nameless = error.code === 'edge_unreachable' && error.detail === undefined
  return nameless ? new VoltdropError(error.code, edge.origin, { cause: error }) : error
}

/** Asks the person, who must say yes. A peer that leaves meanwhile ends the question: why, the transfer will hear from it. */
async function askSame({ verification }: Meeting, link: Link, { keyboard, signal }: Context): Promise<void> {
  const gone = new AbortController()
  void link.peerGone.then(() => gone.abort())
  const question = `same?      does the other side show  ${verification.join(' ')}`
  try {
    const stop = AbortSignal.any([signal, gone.signal])
    if (keyboard !== undefined && (await askYes(keyboard, question, 'no', stop))) return
  } catch (error) {
    if (!gone.signal.aborted || signal.aborted) await leave(link, asVoltdropError(error))
    return
  }
  await leave(link, new VoltdropError('wrong_code', 'the verification strings differ'))
}

/** Tells the other side why, and throws it. */
async function leave(link: Link, error: VoltdropError): Promise<never> {
  link.send(encodeError(error.code)).catch(() => {}) // a link that is lost says so itself
  await link.close()
  throw error
}

/** Turns a transfer's progress into events, and its end into the last one. */
export function followTransfer(role: Role, { terminal }: Context): { onProgress: OnProgress; done: Done } {
  let meter: ProgressMeter | undefined
  let startedMs = systemClock.now()
  return {
    onProgress(bytes, total) {
      const nowMs = systemClock.now()
      if (meter === undefined) startedMs = nowMs
      meter ??= new ProgressMeter(total)
      const { bytesPerSecond, etaSeconds } = meter.update(bytes, nowMs)
      terminal.report({
        t: 'progress',
        role,
        bytes,
        total,
        bytes_per_second: bytesPerSecond,
        eta_seconds: etaSeconds,
      })
    },
    done(name, { size, sha256, crc32 }) {
      const seconds = (systemClock.now() - startedMs) / 1000
      const pace = { seconds, bytes_per_second: Math.round(size / Math.max(seconds, 0.001)) }
      terminal.report({ t: 'done', role, name, bytes: size, sha256, crc32, ...pace })
    },
  }
}

type Done = (name: string, sums: FileSums) => void
