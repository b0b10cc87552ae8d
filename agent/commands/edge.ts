/** `voltdrop edge`: the whole edge on this machine, without an account, until it is interrupted. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { EdgeCommand, Environment } from '../arguments.ts'
import type { Context } from '../context.ts'
import { loadEdgeParts, startEmbeddedEdge } from '../embedded-edge.ts'

/** Resolves after Ctrl-C, when everything is written: stopping a server that way is its normal end. */
export async function serveEdge(command: EdgeCommand, context: Context): Promise<void> {
  const { terminal, signal } = context
  const dataFolder = resolve(command.data ?? defaultFolder(context.environment))
  const edge = await startEmbeddedEdge(await loadEdgeParts(), {
    host: command.host,
    port: command.port,
    dataFolder,
    log: (text) => {
      if (command.debug) terminal.report({ t: 'warning', text })
    },
  })
  try {
    terminal.report({ t: 'listening', url: edge.url.origin, data: dataFolder })
    await interrupted(signal)
  } finally {
    await edge.close()
  }
}

/** The XDG base directory for data. */
function defaultFolder(environment: Environment): string {
  return join(environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'voltdrop')
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolveInterrupted) => {
    if (signal.aborted) resolveInterrupted()
    else signal.addEventListener('abort', () => resolveInterrupted(), { once: true })
  })
}
