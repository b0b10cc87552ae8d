#!/usr/bin/env node
/** The program `voltdrop`: parses argv, runs one command, reports its failure, exits. Only this file ends the process. */
import { setImmediate } from 'node:timers/promises'
import { VoltdropError, asVoltdropError } from '../protocol/errors.ts'
import { type Command, type Output, outputOf, parseArguments } from './command-line/arguments.ts'
import type { Context } from './context.ts'
import { escapeText } from './terminal/escape.ts'
import { EXIT_OK, exitCodeOf } from './exit-codes.ts'
import { exhaustionError, requireDescriptors } from './files/system-errors.ts'
import { createTerminal } from './terminal/create-terminal.ts'
import type { Terminal } from './terminal/terminal.ts'

/** Cleaning up after an interruption (removing the part file, telling the other side) may take this long. */
const CLEAN_UP_MS = 4000

/** The last message of a data channel is sealed in one turn of the event loop and sent in the next; one to spare. */
const LAST_TURNS = 3

const interruption = new AbortController()
/** An error outside every call, such as a socket's: the failure of the run, which it interrupts. */
let fatal: unknown

/** The oldest release with everything that is used: a built-in WebSocket, zlib.crc32. */
const OLDEST_NODE = [22, 18] as const

/** A socket for each address of this machine, on each attempt, and files; workerd has the limit of the program that starts it. */
const AGENT_DESCRIPTORS = 64
const EDGE_DESCRIPTORS = 128

function requireNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  throw new VoltdropError(
    'not_possible_here',
    `Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}`,
  )
}

async function run(command: Command, context: Context): Promise<void> {
  if (command.name !== 'help' && command.name !== 'version') {
    requireNode()
    requireDescriptors(command.name === 'edge' ? EDGE_DESCRIPTORS : AGENT_DESCRIPTORS)
  }
  // Loaded late: `voltdrop --version` must not load WebRTC, nor a transfer the edge.
  switch (command.name) {
    case 'send':
      return (await import('./commands/send-command.ts')).send(command, context)
    case 'receive':
      return (await import('./commands/receive-command.ts')).receive(command, context)
    case 'export':
      return (await import('./commands/export-command.ts')).exportCatalogue(command, context)
    case 'import':
      return (await import('./commands/import-command.ts')).importCatalogue(command, context)
    case 'edge':
      return (await import('./commands/edge-command.ts')).serveEdge(command, context)
    case 'help':
      return (await import('./commands/help-command.ts')).help(command.topic, context)
    case 'version':
      return (await import('./commands/version-command.ts')).version(context)
  }
}

function interrupt(): void {
  // A second Ctrl-C waits for nothing.
  if (interruption.signal.aborted) process.exit(exitCodeOf('cancelled'))
  interruption.abort(new VoltdropError('cancelled'))
  setTimeout(() => process.exit(exitCodeOf('cancelled')), CLEAN_UP_MS).unref()
}

function reportFailure(error: unknown, terminal: Terminal): number {
  const failure = exhaustionError(error) ?? asVoltdropError(error)
  const exit = exitCodeOf(failure.code)
  terminal.report({
    t: 'error',
    code: failure.code,
    exit,
    says: failure.message,
    detail: failure.detail,
    next: failure.next,
  })
  if (output.debug) printCauses(failure)
  return exit
}

function printCauses(error: unknown): void {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    for (const line of (cause.stack ?? String(cause)).split('\n')) console.error(escapeText(line))
  }
}

function terminalFor(options: Output): Terminal {
  return createTerminal({
    output: options,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    now: () => performance.now(),
  })
}

async function main(): Promise<number> {
  const terminal = terminalFor(output)
  try {
    const command = parseArguments(args, process.env)
    const person = process.stdin.isTTY && process.stderr.isTTY && !output.json
    await run(command, {
      terminal,
      keyboard: person ? { input: process.stdin, output: process.stderr } : undefined,
      input: process.stdin,
      print: (text) => process.stdout.write(text),
      environment: process.env,
      signal: interruption.signal,
    })
    return fatal === undefined ? EXIT_OK : reportFailure(fatal, terminal)
  } catch (error) {
    return reportFailure(fatal ?? error, terminal)
  } finally {
    terminal.clear()
  }
}

const args = process.argv.slice(2)
// `ps` would show a code in argv to every user of this machine: it is overwritten before anything else is done.
if (args.includes('receive')) process.title = 'voltdrop receive'
/** Known before the line is parsed: an error in the line itself is printed this way too. */
const output = outputOf(args, process.env)

process.on('SIGINT', interrupt)
process.on('SIGTERM', interrupt)
process.on('SIGHUP', interrupt)
// A rejection that a library leaves unhandled (a malformed datagram is enough) must not end a healthy transfer.
process.on('unhandledRejection', (reason) => {
  if (output.debug) printCauses(reason)
})
// An error that no one listens for ends the run, but in order: the part file is removed and the other side is told.
process.on('uncaughtException', (error) => {
  if (fatal !== undefined) return
  fatal = error
  interruption.abort(error)
  setTimeout(() => process.exit(reportFailure(error, terminalFor(output))), CLEAN_UP_MS).unref()
})
// Nor must a closed pipe behind stdout or stderr.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const exit = await main()
// The last message to the other side is sent in the turns of the event loop that follow.
for (let turn = 0; turn < LAST_TURNS; turn++) {
  // oxlint-disable-next-line no-await-in-loop -- one turn after the other
  await setImmediate()
}
process.exit(exit)
