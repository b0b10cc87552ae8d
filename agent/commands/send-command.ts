/** `voltdrop send`: opens a room, shows the code, and sends one file to the peer that proves to know it. */
import type { SourceFile } from '../../peer/files.ts'
import { VoltdropError } from '../../protocol/errors.ts'
import { shellWord } from '../../protocol/shell-word.ts'
import { drawWords, formatCode } from '../../protocol/meeting/phrase.ts'
import type { SendCommand } from '../command-line/options/send-options.ts'
import { systemClock } from '../clock.ts'
import type { Context } from '../context.ts'
import { checkSelection } from '../catalogue/export/check-selection.ts'
import { isLoopbackHost } from '../edge/access/addresses.ts'
import { openRoom, type OwnRoom } from '../edge/edge-client.ts'
import { fetchExport } from '../catalogue/export/export-file.ts'
import { openOwnFile, openSource } from '../files/source-file.ts'
import type { TraceFile } from '../files/trace-file.ts'
import { nodePrimitives } from '../primitives.ts'
import { formatDuration } from '../terminal/human-units.ts'
import { requirePerson } from '../terminal/prompt.ts'
import { ownIceServers } from '../paths/ice-settings.ts'
import { openTrace } from './open-trace.ts'
import { requireDestination } from './probe-destination.ts'

const NO_RELAY = '--relay-only, and this edge has no TURN server'

/** Resolves when the receiver has saved the file and proved it. */
export async function send(command: SendCommand, context: Context): Promise<void> {
  const { signal, keyboard, terminal } = context
  requirePerson(command.verify, keyboard)
  // What can be known to fail is reported before a code is shown: it would be spent for nothing.
  const iceServers = await ownIceServers(command)
  if ('catalogue' in command.source) {
    await requireDestination(command.out, 'any')
    await checkSelection(command.edge, command.source, context)
  }
  const preparing = prepare(command, context)
  let trace: TraceFile | undefined
  try {
    // An export is fetched while the other side comes.
    if ('path' in command.source) await preparing
    trace = await openTrace(command.trace, terminal)
    const room = await openOwnRoom(command, context)
    if (command.relayOnly && iceServers === undefined && room.relay === false)
      throw new VoltdropError('no_path', NO_RELAY)
    const code = { room: room.number, words: drawWords(command.words) }
    announce(formatCode(code), room, command, context)
    // What the meeting needs is loaded while the person reads the code.
    const [{ reachPeer }, { followTransfer }, { sendFile }] = await Promise.all([
      import('../meeting/reach-peer.ts'),
      import('../meeting/follow-transfer.ts'),
      import('../../peer/transfer/send-file.ts'),
    ])
    const seat = { code, token: room.token, waitMs: room.waitMs }
    const own = { iceServers, trace: trace?.record }
    const { link } = await reachPeer('sender', seat, command, context, preparing, own)
    const source = await preparing
    terminal.report({
      t: 'offer',
      role: 'sender',
      name: source.name,
      bytes: source.size,
      own_name: source.ownName,
    })
    const { onProgress, done, stop } = followTransfer('sender', context)
    const side = { primitives: nodePrimitives, clock: systemClock, onProgress, signal }
    const sums = await sendFile(link, source, side).finally(stop)
    done({ name: source.name }, sums)
  } finally {
    await preparing.then(
      (source) => source.close(),
      // Its failure is the one being thrown.
      () => {},
    )
    await trace?.close()
  }
}

function prepare(command: SendCommand, context: Context): Promise<SourceFile> {
  const preparing =
    'path' in command.source ? openSource(command.source.path) : prepareExport(command, context)
  // Handled where it is awaited, which may be later.
  preparing.catch(() => {})
  return preparing
}

async function prepareExport(
  { edge, source, out }: SendCommand,
  { terminal, signal }: Context,
): Promise<SourceFile> {
  if ('path' in source) return openSource(source.path)
  const { path, bytes, rows, revision, sha256, crc32 } = await fetchExport(edge, source, out, signal)
  terminal.report({ t: 'exported', path, bytes, rows, revision, sha256, crc32 })
  const exported = await openOwnFile(path)
  if (exported === undefined) throw new VoltdropError('source_changed', path)
  return exported
}

/** An edge counts in whole seconds, so one that holds a room for less is told from one that holds it long enough. */
const SHORTER_MS = 2_000

/** A room that waits as long as --timeout says. An edge that does not hold rooms for so long is named before the code is shown. */
async function openOwnRoom(
  { edge, timeoutMs }: SendCommand,
  { signal, terminal }: Context,
): Promise<OwnRoom> {
  const room = await openRoom(
    edge,
    signal,
    timeoutMs === undefined ? undefined : Math.ceil(timeoutMs / 1_000),
  )
  if (timeoutMs !== undefined && room.waitMs < timeoutMs - SHORTER_MS) {
    const text = `this edge holds a room for ${formatDuration(room.waitMs / 1_000)}, not for --timeout ${formatDuration(timeoutMs / 1_000)}`
    terminal.report({ t: 'warning', text })
  }
  return room
}

function announce(code: string, room: OwnRoom, { edge }: SendCommand, { terminal }: Context): void {
  terminal.report({
    t: 'code',
    code,
    receive: `voltdrop receive --edge ${shellWord(edge.href.replace(/\/$/, ''))}`,
    this_machine_only: isLoopbackHost(edge.hostname),
    expires_at: room.expires_at,
  })
  terminal.report({ t: 'waiting', expires_in_seconds: Math.round(room.waitMs / 1_000) })
}
