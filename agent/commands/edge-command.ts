/** `voltdrop edge`: the whole edge on this machine, without an account, until it is interrupted. */
import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Secret } from '../../protocol/secret.ts'
import type { EdgeCommand, Environment } from '../command-line/arguments.ts'
import type { Context } from '../context.ts'
import { loadEdgeParts } from '../edge/edge-parts.ts'
import { startEmbeddedEdge } from '../edge/embedded-edge.ts'
import { readToken } from '../edge/write-token.ts'

/** What an operator sets for a deployed edge with wrangler, taken from the environment here: argv would show the secrets. */
const SETTINGS = [
  'STUN_URLS',
  'TURN_URLS',
  'TURN_SECRET',
  'TURN_KEY_ID',
  'TURN_KEY_API_TOKEN',
  'WRITE_TOKEN_SHA256',
  'WRITE_TOKEN_SHA256_NEXT',
  'ALLOWED_ORIGINS',
] as const

/** Resolves after Ctrl-C, when everything is written: stopping a server that way is its normal end. */
export async function serveEdge(command: EdgeCommand, context: Context): Promise<void> {
  const { terminal, signal } = context
  const dataFolder = resolve(command.data ?? defaultFolder(context.environment))
  const token = await readToken(command)
  const vars = {
    ...settingsOf(context.environment),
    ...(token === undefined ? {} : { WRITE_TOKEN_SHA256: hashOf(token) }),
  }
  const edge = await startEmbeddedEdge(await loadEdgeParts(), {
    host: command.host,
    port: command.port,
    dataFolder,
    vars,
    log: (text) => {
      if (command.debug) terminal.report({ t: 'warning', text })
    },
  }).catch((error: unknown) => {
    // Ctrl-C reaches workerd as well, and an edge that is still starting then fails to.
    if (!signal.aborted) throw error
  })
  if (edge === undefined) return
  try {
    const writable = vars.WRITE_TOKEN_SHA256 !== undefined
    terminal.report({ t: 'listening', url: edge.url.origin, data: dataFolder, writable })
    await interrupted(signal)
  } finally {
    await edge.close()
  }
}

function settingsOf(environment: Environment): Record<string, string> {
  const set = SETTINGS.flatMap((name) => {
    const value = environment[name]
    return value === undefined || value === '' ? [] : [[name, value] as const]
  })
  return Object.fromEntries(set)
}

/** The edge itself knows a token by its hash alone. */
function hashOf(token: Secret): string {
  return createHash('sha256').update(token.reveal()).digest('hex')
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
