/** The program `voltdrop`, loaded by `cli.ts`: parses argv, runs one command, reports its failure, exits. Only this file ends the process. */
import { setImmediate } from 'node:timers/promises'
import { type Reader, VoltdropError, asVoltdropError } from '../protocol/errors.ts'
import { type Command, type Output, outputOf, parseArguments } from './command-line/arguments.ts'
import type { EdgeChoice, WithEdge } from './command-line/options/shared-options.ts'
import type { Context } from './context.ts'
import { droppableWrite } from './files/droppable-writes.ts'
import { escapeText } from './terminal/escape.ts'
import { hideCodes } from './terminal/hide-codes.ts'
import { EXIT_OK, exitCodeOf } from './exit-codes.ts'
import { codeOf, exhaustionError, requireDescriptors, systemError } from './files/system-errors.ts'
import { createTerminal } from './terminal/create-terminal.ts'
import type { Terminal } from './terminal/terminal.ts'

/** Cleaning up after an interruption (removing the part file, telling the other side) may take this long. */
const CLEAN_UP_MS = 4000

/** The last message of a data channel is sealed in one turn of the event loop and sent in the next; one to spare. */
const LAST_TURNS = 3

const interruption = new AbortController()
/** An error outside every call, such as a socket's: the failure of the run, which it interrupts. */
let fatal: unknown

/** The oldest release with everything that is used: zlib.crc32, tls.getCACertificates, node:sqlite without a flag. */
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

/** Runs a command that speaks to an edge, once it is known which. */
async function toEdge<T extends EdgeChoice & { readonly name: string }>(
  command: T,
  context: Context,
  work: (known: WithEdge<T>) => Promise<void>,
): Promise<void> {
  return (await import('./edge/named-edge.ts')).withEdge(command, context, work)
}

async function run(command: Command, context: Context): Promise<void> {
  if (command.name !== 'help' && command.name !== 'version') {
    requireNode()
    requireDescriptors(command.name === 'edge' ? EDGE_DESCRIPTORS : AGENT_DESCRIPTORS)
  }
  // Loaded late: `voltdrop --version` must not load WebRTC, nor a transfer the edge.
  switch (command.name) {
    case 'send':
      return toEdge(command, context, async (known) =>
        (await import('./commands/send-command.ts')).send(known, context),
      )
    case 'receive':
      return toEdge(command, context, async (known) =>
        (await import('./commands/receive-command.ts')).receive(known, context),
      )
    case 'export':
      return toEdge(command, context, async (known) =>
        (await import('./commands/export-command.ts')).exportCatalogue(known, context),
      )
    case 'import':
      return toEdge(command, context, async (known) =>
        (await import('./commands/import-command.ts')).importCatalogue(known, context),
      )
    case 'edge':
      return (await import('./commands/edge-command.ts')).serveEdge(command, context)
    case 'config':
      return (await import('./commands/config-command.ts')).configure(command, context)
    case 'help':
      return (await import('./commands/help-command.ts')).help(command.topic, context)
    case 'version':
      return (await import('./commands/version-command.ts')).version(context)
  }
}

/** Ctrl-C and Ctrl-\ are the user's wish. The other signals come from the system: a shutdown, a service manager, a terminal that was closed, `ulimit -t`. */
function interrupt(signal: NodeJS.Signals): void {
  const reason =
    signal === 'SIGINT' || signal === 'SIGQUIT'
      ? new VoltdropError('cancelled')
      : new VoltdropError('interrupted', `stopped by the system with ${signal}`)
  // A second signal waits for nothing.
  if (interruption.signal.aborted) process.exit(exitCodeOf(reason.code))
  interruption.abort(reason)
  setTimeout(() => process.exit(reportFailure(reason, terminalFor(output), undefined)), CLEAN_UP_MS).unref()
}

/** What failed. Whatever an interruption ends fails with `cancelled`: only here is it known who interrupted. */
function failureOf(error: unknown): VoltdropError {
  const failure = exhaustionError(error) ?? asVoltdropError(error)
  const reason: unknown = interruption.signal.reason
  return failure.code === 'cancelled' && reason instanceof VoltdropError ? reason : failure
}

function reportFailure(error: unknown, terminal: Terminal, reader: Reader | undefined): number {
  const failure = failureOf(error)
  const exit = exitCodeOf(failure.code)
  terminal.report({
    t: 'error',
    code: failure.code,
    exit,
    says: failure.message,
    detail: failure.detail === undefined ? undefined : hideCodes(failure.detail),
    next: failure.nextFor(reader),
  })
  if (output.debug) printCauses(failure)
  return exit
}

function printCauses(error: unknown): void {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    for (const line of (cause.stack ?? String(cause)).split('\n')) console.error(escapeText(hideCodes(line)))
  }
}

function terminalFor(options: Output): Terminal {
  return createTerminal({
    output: options,
    stdout: process.stdout,
    stderr: process.stderr,
    writeProgress,
    environment: process.env,
    now: () => performance.now(),
  })
}

const readers: Readonly<Partial<Record<Command['name'], Reader>>> = { send: 'sender', receive: 'receiver' }

async function main(): Promise<number> {
  const terminal = terminalFor(output)
  let reader: Reader | undefined
  try {
    const command = parseArguments(args, process.env)
    reader = readers[command.name]
    process.title = `voltdrop ${command.name}`
    const person = process.stdin.isTTY && process.stderr.isTTY && !output.json
    await run(command, {
      terminal,
      keyboard: person ? { input: process.stdin, output: process.stderr } : undefined,
      input: process.stdin,
      environment: process.env,
      signal: interruption.signal,
    })
    return fatal === undefined ? EXIT_OK : reportFailure(fatal, terminal, reader)
  } catch (error) {
    return reportFailure(fatal ?? error, terminal, reader)
  } finally {
    terminal.clear()
  }
}

const args = process.argv.slice(2)
/** Known before the line is parsed: an error in the line itself is printed this way too. */
const output = outputOf(args, process.env)

const writeProgress = droppableWrite(output.json ? 1 : 2)

for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGXCPU'] as const)
  process.on(signal, interrupt)
// A rejection that a library leaves unhandled (a malformed datagram is enough) must not end a healthy transfer.
process.on('unhandledRejection', (reason) => {
  if (output.debug) printCauses(reason)
})
// An error that no one listens for ends the run, but in order: the part file is removed and the other side is told.
process.on('uncaughtException', (error) => {
  if (fatal !== undefined) return
  fatal = error
  interruption.abort(error)
  setTimeout(() => process.exit(reportFailure(error, terminalFor(output), undefined)), CLEAN_UP_MS).unref()
})
// Nor must a closed pipe behind stdout or stderr. A full disk behind stdout ends the run: nobody would learn the code, or the result.
let unwritten: VoltdropError | undefined
process.stdout.on('error', (error) => {
  if (codeOf(error) === 'EPIPE' || unwritten !== undefined) return
  unwritten = systemError(error, 'standard output', 'not_writable')
  interruption.abort(unwritten)
})
process.stderr.on('error', () => {})

let exit = await main()
// The last message to the other side is sent in the turns of the event loop that follow.
for (let turn = 0; turn < LAST_TURNS; turn++) {
  // oxlint-disable-next-line no-await-in-loop -- one turn after the other
  await setImmediate()
}
if (unwritten !== undefined)
  exit = reportFailure(unwritten, terminalFor({ ...output, json: false }), undefined)
process.exit(exit)
