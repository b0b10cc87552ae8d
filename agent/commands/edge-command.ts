/** `voltdrop edge`: the whole edge on this machine, without a Cloudflare account, until it is interrupted. */
import { createHash } from 'node:crypto'
import type { Secret } from '../../protocol/secret.ts'
import { type EdgeCommand, edgeSettings } from '../command-line/options/edge-options.ts'
import type { Environment } from '../command-line/option-table.ts'
import type { Context } from '../context.ts'
import { loadEdgeParts } from '../edge/embedded/edge-parts.ts'
import { checkEdgeSettings } from '../edge/embedded/edge-settings.ts'
import { startEmbeddedEdge } from '../edge/embedded/embedded-edge.ts'
import { fullPath } from '../files/full-path.ts'
import { readToken } from '../edge/write-token.ts'
import { dataFolder } from '../settings/user-folders.ts'
import { unlessStopped } from '../terminal/prompt.ts'

/** Resolves after Ctrl-C, which is how a server is stopped, when everything is written to disk. */
export async function serveEdge(command: EdgeCommand, context: Context): Promise<void> {
  const { terminal, signal } = context
  // workerd and Miniflare need a current folder: one that was deleted is named here.
  fullPath('.')
  // The data are for their owner alone, also in a folder that others may enter: they tell who met, and when.
  process.umask(0o077)
  const folder = fullPath(command.data ?? dataFolder(context.environment))
  const token = await unlessStopped(readToken(command), signal)
  const vars = {
    ...settingsOf(context.environment),
    ...(token === undefined ? {} : { WRITE_TOKEN_SHA256: hashOf(token) }),
  }
  checkEdgeSettings(vars)
  const edge = await startEmbeddedEdge(await loadEdgeParts(), {
    host: command.host,
    port: command.port,
    dataFolder: folder,
    vars,
    proxies: command.proxies,
    workerd: command.workerd,
    log: (text) => {
      if (command.debug) terminal.report({ t: 'warning', text })
    },
  }).catch((error: unknown) => {
    // Ctrl-C reaches workerd as well: an edge that is still starting then fails.
    if (!signal.aborted) throw error
  })
  if (edge === undefined) return
  try {
    const writable = vars.WRITE_TOKEN_SHA256 !== undefined
    const { url, others } = edge
    terminal.report({ t: 'listening', url: url.origin, others, data: folder, writable })
    await interrupted(signal)
  } finally {
    await edge.close()
  }
}

function settingsOf(environment: Environment): Record<string, string> {
  const set = Object.keys(edgeSettings).flatMap((name) => {
    const value = environment[name]
    return value === undefined || value === '' ? [] : [[name, value] as const]
  })
  return Object.fromEntries(set)
}

/** The edge knows only the hash of its token. */
function hashOf(token: Secret): string {
  return createHash('sha256').update(token.reveal()).digest('hex')
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolveInterrupted) => {
    if (signal.aborted) resolveInterrupted()
    else signal.addEventListener('abort', () => resolveInterrupted(), { once: true })
  })
}
