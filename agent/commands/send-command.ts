/** `voltdrop send`: opens a room, shows the code, and sends one file to the peer that proves to know it. */
import type { SourceFile } from '../../peer/files.ts'
import { drawWords, formatCode } from '../../protocol/meeting/phrase.ts'
import type { SendCommand } from '../command-line/send-options.ts'
import type { Context } from '../context.ts'
import { openRoom } from '../edge/edge-client.ts'
import { checkSelection } from '../catalogue/export/check-selection.ts'
import { fetchExport } from '../catalogue/export/export-file.ts'
import { openSource } from '../files/source-file.ts'
import type { TraceFile } from '../files/trace-file.ts'
import { nodePrimitives } from '../primitives.ts'
import { requirePerson } from '../terminal/prompt.ts'
import { openTrace } from './open-trace.ts'

/** Resolves when the receiver has saved the file and proved it. */
export async function send(command: SendCommand, context: Context): Promise<void> {
  const { signal, keyboard, terminal } = context
  requirePerson(command.verify, keyboard)
  // A wrong filter, or one that leaves nothing, is reported before a code is shown.
  if ('catalogue' in command.source) await checkSelection(command.edge, command.source, context)
  const preparing = prepare(command, context)
  let trace: TraceFile | undefined
  try {
    // A missing file is reported before a code is shown; an export is fetched while the other side comes.
    if ('path' in command.source) await preparing
    trace = await openTrace(command.trace, terminal)
    const room = await openRoom(command.edge, signal)
    const code = { room: room.number, words: drawWords(command.words) }
    announce(formatCode(code), room.expires_at, command, context)
    // What the meeting needs is loaded while the person reads the code.
    const [{ followTransfer, reachPeer }, { sendFile }] = await Promise.all([
      import('../meeting/reach-peer.ts'),
      import('../../peer/transfer/send-file.ts'),
    ])
    const { link } = await reachPeer(
      'sender',
      { code, token: room.token },
      command,
      context,
      preparing,
      trace?.record,
    )
    const source = await preparing
    terminal.report({ t: 'offer', role: 'sender', name: source.name, bytes: source.size })
    const { onProgress, done } = followTransfer('sender', context)
    done(source.name, await sendFile(link, source, nodePrimitives, onProgress, signal))
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
  return openSource(path)
}

function announce(code: string, expiresAt: string, { edge }: SendCommand, { terminal }: Context): void {
  terminal.report({
    t: 'code',
    code,
    receive: `voltdrop receive --edge ${shellWord(edge)}`,
    expires_at: expiresAt,
  })
  const seconds = Math.round((Date.parse(expiresAt) - Date.now()) / 1000)
  terminal.report({
    t: 'waiting',
    expires_in_seconds: Number.isFinite(seconds) ? Math.max(0, seconds) : undefined,
  })
}

/** The address, quoted where a shell needs it. */
function shellWord(edge: URL): string {
  const text = edge.href.replace(/\/$/, '').replaceAll("'", '%27')
  return /^[\w:/.%[\]~-]+$/.test(text) ? text : `'${text}'`
}
