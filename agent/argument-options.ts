/** What every command line has in common: how it is split into options and words, and the options of all commands. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { VoltdropError } from '../protocol/errors.ts'
import { escapeText } from './escape.ts'

/** How the agent prints: for people, as NDJSON events, or almost nothing. */
export type Output = { readonly json: boolean; readonly quiet: boolean; readonly debug: boolean }

export const outputDefaults: Output = { json: false, quiet: false, debug: false }

/** Environment variables, handed in. */
export type Environment = Readonly<Record<string, string | undefined>>

const outputOptions = {
  json: { type: 'boolean', default: false },
  quiet: { type: 'boolean', short: 'q', default: false },
  debug: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsOptionsConfig

export const edgeOption = { edge: { type: 'string' } } as const satisfies ParseArgsOptionsConfig

export type Words = readonly string[]

/** Options and words of a line. Throws `usage` with what is not understood. */
export function read<const T extends ParseArgsOptionsConfig>(args: Words, options: T) {
  try {
    return parseArgs({
      args: [...args],
      options: { ...outputOptions, ...options },
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    // Node's sentences name the option; what was typed is escaped like any other text.
    throw new VoltdropError('usage', escapeText(error instanceof Error ? error.message : String(error)), {
      cause: error,
    })
  }
}

export function usage(detail: string): VoltdropError {
  return new VoltdropError('usage', escapeText(detail))
}

export function outputOf(values: { json: boolean; quiet: boolean; debug: boolean }): Output {
  return { json: values.json, quiet: values.quiet, debug: values.debug }
}
