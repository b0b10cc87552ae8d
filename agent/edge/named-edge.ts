/** Which edge a command speaks to: that of --edge, VOLTDROP_EDGE or `voltdrop config`, else one on this machine. */
import { VoltdropError } from '../../protocol/errors.ts'
import { DEFAULT_EDGE } from '../command-line/option-values.ts'
import type { EdgeChoice, WithEdge } from '../command-line/options/shared-options.ts'
import type { Context } from '../context.ts'
import { codeOf } from '../files/system-errors.ts'
import { rememberedEdge } from '../settings/remembered-edge.ts'
import { useEdgeHeaders } from './access/edge-headers.ts'
import { proxyFor } from './access/proxy-settings.ts'

/**
 * Runs a command with its edge. @throws VoltdropError those of `run`; `no_edge_named` in place of `edge_unreachable` when none was named
 * and none listens on this machine; `usage` for headers or settings that cannot be used; `not_possible_here` for such a proxy.
 */
export async function withEdge<T extends EdgeChoice & { readonly name: string }>(
  command: T,
  { environment, terminal }: Pick<Context, 'environment' | 'terminal'>,
  run: (command: WithEdge<T>) => Promise<void>,
): Promise<void> {
  const named = command.edge ?? (await rememberedEdge(environment))
  const edge = named ?? new URL(DEFAULT_EDGE)
  const proxy = proxyFor(edge, environment)
  const opensPath = command.name === 'send' || command.name === 'receive'
  if (proxy !== undefined && opensPath) terminal.report({ t: 'warning', text: proxyNote(proxy) })
  if (command.edgeHeaders !== undefined) await useEdgeHeaders(command.edgeHeaders, edge)
  try {
    await run({ ...command, edge })
  } catch (error) {
    throw named === undefined && isRefused(error) ? noEdgeNamed(error) : error
  }
}

function proxyNote({ host }: URL): string {
  return `the edge is reached through the proxy ${host}; the file is not: it goes directly (UDP), or over a TURN server`
}

/** Nothing listens at the address; an edge that was there and went away is another matter. */
function isRefused(error: unknown): error is VoltdropError {
  if (!(error instanceof VoltdropError) || error.code !== 'edge_unreachable') return false
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause)
    if (codeOf(cause) === 'ECONNREFUSED') return true
  return false
}

function noEdgeNamed(error: VoltdropError): VoltdropError {
  return new VoltdropError('no_edge_named', error.detail, { cause: error })
}
