/** `voltdrop receive`: meets the sender under a code and takes its file, verified, without ever overwriting one. */
import type { Link } from '../../peer/link/link.ts'
import { receiveFile } from '../../peer/transfer/receive-file.ts'
import type { ReceivePolicy } from '../../peer/transfer/receive-file.ts'
import { asVoltdropError } from '../../protocol/errors.ts'
import type { Code } from '../../protocol/meeting/phrase.ts'
import type { ReceiveCommand } from '../command-line/options/receive-options.ts'
import { systemClock } from '../clock.ts'
import type { Context } from '../context.ts'
import { describeLeftovers } from '../files/received/leftover-parts.ts'
import { openDestination, tryDestination } from '../files/received/part-file.ts'
import { nodePrimitives } from '../primitives.ts'
import { ownIceServers } from '../paths/ice-settings.ts'
import { offerText } from '../terminal/event-text.ts'
import { askCode, askYes, readCode, readFirstLine, requirePerson, unlessStopped } from '../terminal/prompt.ts'
import { stateFolder } from '../settings/user-folders.ts'
import { TriedRooms } from '../files/private/tried-rooms.ts'
import { followTransfer } from '../meeting/follow-transfer.ts'
import { reachPeer } from '../meeting/reach-peer.ts'
import { readSecretFile } from '../files/private/secret-file.ts'
import { openTrace } from './open-trace.ts'
import { type Place, requireDestination } from './probe-destination.ts'

/** Resolves when the file has its final name and its checksums equal the sender's. */
export async function receive(command: ReceiveCommand, context: Context): Promise<void> {
  requirePerson(command.verify, context.keyboard)
  // What can be known to fail is reported before a code is asked for or spent.
  const iceServers = await ownIceServers(command)
  const place = await requireDestination(command.out, 'new')
  const leftovers = await describeLeftovers(place.folder)
  if (leftovers !== undefined) context.terminal.report({ t: 'warning', text: leftovers })
  const trace = await openTrace(command.trace, context.terminal)
  try {
    const code = await obtainCode(command, context)
    const { beforeGuess, forget } = noteOfTry(code, command, context)
    const own = { iceServers, trace: trace?.record }
    const seat = { code, beforeGuess }
    const { link } = await reachPeer('receiver', seat, command, context, Promise.resolve(), own)
    await receiveInto(place, link, command, context)
    forget()
  } finally {
    await trace?.close()
  }
}

/**
 * Refuses a code of a room in which one was tried just now. Returns what notes the present try, to be called before it, and what removes
 * the note when the file has arrived.
 * Where nothing can be noted, a read-only home for example, receiving must still be possible: then only this run remembers.
 */
function noteOfTry(code: Code, { edge }: ReceiveCommand, { environment, terminal }: Context) {
  const tried = new TriedRooms(stateFolder(environment))
  tried.refuseTried(edge, code.room)
  let forget: (() => void) | undefined
  function beforeGuess(): void {
    try {
      forget = tried.note(edge, code.room)
    } catch (error) {
      const failure = asVoltdropError(error)
      if (failure.code !== 'not_writable' && failure.code !== 'disk_full') throw failure
      const text = `whatever comes of this, do not enter this code again: that it was tried cannot be noted (${failure.detail})`
      terminal.report({ t: 'warning', text })
    }
  }
  return { beforeGuess, forget: () => forget?.() }
}

async function receiveInto(
  place: Place,
  link: Link,
  command: ReceiveCommand,
  context: Context,
): Promise<void> {
  const { onProgress, done, stop } = followTransfer('receiver', context)
  const received = await receiveFile(
    link,
    openDestination(place.folder, place.saveAs),
    policyOf(command, place, context),
    { primitives: nodePrimitives, clock: systemClock, onProgress, signal: context.signal },
  ).finally(stop)
  done({ path: received.savedAs }, received)
  if (!received.confirmed) {
    context.terminal.report({
      t: 'warning',
      text: 'the connection broke at the very end: the sender may not know that the file was saved',
    })
  }
}

/** From the command line or the environment, the file, the person or standard input, in this order. */
async function obtainCode(command: ReceiveCommand, { keyboard, input, signal }: Context): Promise<Code> {
  if (command.code !== undefined) return readCode(command.code, command.isTyped && keyboard !== undefined)
  if (command.codeFile !== undefined)
    return readCode((await unlessStopped(readSecretFile(command.codeFile), signal)).trim(), false)
  if (keyboard !== undefined) return askCode(keyboard, signal)
  return readCode(await unlessStopped(readFirstLine(input), signal), false)
}

function policyOf(
  { maxBytes, yes, quiet }: ReceiveCommand,
  { folder, saveAs }: Place,
  { terminal, keyboard, signal }: Context,
): ReceivePolicy {
  return {
    maxBytes: maxBytes ?? Number.MAX_SAFE_INTEGER,
    async decide({ name, ownName, size }, over) {
      terminal.report({
        t: 'offer',
        role: 'receiver',
        name,
        bytes: size,
        own_name: ownName,
        save_as: saveAs === name ? undefined : saveAs,
      })
      if (yes || keyboard === undefined) return 'accept'
      await tryDestination(folder, saveAs ?? name, size)
      const stop = AbortSignal.any([signal, over])
      // With --quiet nothing has been said about the file.
      const question = quiet ? `accept?    ${offerText({ name, bytes: size })}` : 'accept?   '
      return (await askYes(keyboard, question, 'yes', stop)) ? 'accept' : 'declined'
    },
  }
}
