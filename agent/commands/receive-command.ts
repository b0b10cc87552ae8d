/** `voltdrop receive`: meets the sender under a code and takes its file, verified, without ever overwriting one. */
import { relative } from 'node:path'
import type { Link } from '../../peer/link/link.ts'
import { receiveFile } from '../../peer/transfer/receive-file.ts'
import type { ReceivePolicy } from '../../peer/transfer/receive-file.ts'
import type { Code } from '../../protocol/meeting/phrase.ts'
import type { ReceiveCommand } from '../command-line/receive-options.ts'
import type { Context } from '../context.ts'
import { resolveOut } from '../files/destination.ts'
import { currentFolder } from '../files/full-path.ts'
import { describeLeftovers } from '../files/leftover-parts.ts'
import { openDestination, tryDestination } from '../files/part-file.ts'
import { nodePrimitives } from '../primitives.ts'
import { askCode, askYes, readCode, readFirstLine, requirePerson } from '../terminal/prompt.ts'
import { followTransfer, reachPeer } from '../meeting/reach-peer.ts'
import { readSmallFile } from '../files/small-file.ts'
import { openTrace } from './open-trace.ts'

/** Resolves when the file has its final name and its checksums equal the sender's. */
export async function receive(command: ReceiveCommand, context: Context): Promise<void> {
  requirePerson(command.verify, context.keyboard)
  const { folder, saveAs } = await resolveOut(command.out)
  // A folder that cannot be written is reported before anything is asked or spent.
  await tryDestination(folder, saveAs)
  const leftovers = await describeLeftovers(folder)
  if (leftovers !== undefined) context.terminal.report({ t: 'warning', text: leftovers })
  const trace = await openTrace(command.trace, context.terminal)
  try {
    const code = await obtainCode(command, context)
    const { link } = await reachPeer('receiver', { code }, command, context, Promise.resolve(), trace?.record)
    await receiveInto({ folder, saveAs }, link, command, context)
  } finally {
    await trace?.close()
  }
}

async function receiveInto(
  place: Place,
  link: Link,
  command: ReceiveCommand,
  context: Context,
): Promise<void> {
  const { onProgress, done } = followTransfer('receiver', context)
  const received = await receiveFile(
    link,
    openDestination(place.folder, place.saveAs),
    policyOf(command, place, context),
    nodePrimitives,
    onProgress,
    context.signal,
  )
  done(fromHere(received.savedAs), received)
  if (!received.confirmed) {
    context.terminal.report({
      t: 'warning',
      text: 'the connection broke at the very end: the sender may not know that the file was saved',
    })
  }
}

/** From the command line or the environment, the file, the person or standard input, in this order. */
async function obtainCode(command: ReceiveCommand, { keyboard, input, signal }: Context): Promise<Code> {
  if (command.code !== undefined) return readCode(command.code, command.isTyped)
  if (command.codeFile !== undefined) return readCode((await readSmallFile(command.codeFile)).trim(), false)
  if (keyboard !== undefined) return askCode(keyboard, signal)
  return readCode(await readFirstLine(input), false)
}

type Place = { readonly folder: string; readonly saveAs: string | undefined }

function policyOf(
  { maxBytes, yes }: ReceiveCommand,
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
      return (await askYes(keyboard, 'accept?   ', 'yes', stop)) ? 'accept' : 'declined'
    },
  }
}

/** Relative to the current folder where the file is inside it. */
function fromHere(path: string): string {
  const here = currentFolder()
  const short = here === undefined ? path : relative(here, path)
  return short.startsWith('..') ? path : short
}
