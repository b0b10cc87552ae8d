/** `voltdrop config`: shows, sets and forgets what is remembered. */
import type { ConfigCommand } from '../command-line/options/config-options.ts'
import type { Context } from '../context.ts'
import { rememberedEdge, rememberEdge, settingsPath } from '../settings/remembered-edge.ts'

/** Resolves when the setting is on disk; reports what is remembered then. */
export async function configure(
  { change }: ConfigCommand,
  { environment, terminal }: Context,
): Promise<void> {
  if (change !== undefined) await rememberEdge(change === 'unset' ? undefined : change, environment)
  const edge = await rememberedEdge(environment)
  terminal.report({ t: 'config', edge: edge?.href, file: settingsPath(environment) })
}
