/** What every command line has in common: how it is split into options and words, and the options of all commands. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { VoltdropError } from '../../protocol/errors.ts'
import { isWithinOneMistake } from '../../protocol/meeting/phrase.ts'
import { Secret } from '../../protocol/secret.ts'
import type { TokenSource } from '../edge/write-token.ts'
import { escapeText } from '../terminal/escape.ts'

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

export const tokenOption = { 'token-file': { type: 'string' } } as const satisfies ParseArgsOptionsConfig

export function tokenSource(values: { 'token-file'?: string }, environment: Environment): TokenSource {
  const token = environment['VOLTDROP_TOKEN']
  return {
    token: token === undefined || token === '' ? undefined : new Secret(token),
    tokenFile: values['token-file'],
  }
}

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
    throw new VoltdropError('usage', escapeText(notUnderstood(error, Object.keys(options))), { cause: error })
  }
}

/** Node's first sentence, which names the option, and the option that was probably meant. */
function notUnderstood(error: unknown, names: readonly string[]): string {
  const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split(/[.\n] /)
  const typed = /^Unknown option '--([^']+)'/.exec(sentence)?.[1]
  const known = [...Object.keys(outputOptions), ...names]
  return typed === undefined ? sentence : sentence + didYouMean(typed, known, '--')
}

/** `; did you mean NAME?` when exactly one of `names` is one typing mistake away. */
export function didYouMean(typed: string, names: readonly string[], prefix = ''): string {
  const [meant, ...others] = names.filter((name) => isWithinOneMistake(typed, name))
  return meant === undefined || others.length > 0 ? '' : `; did you mean ${prefix}${meant}?`
}

export function usage(detail: string): VoltdropError {
  return new VoltdropError('usage', escapeText(detail))
}

export function outputOf(values: { json: boolean; quiet: boolean; debug: boolean }): Output {
  return { json: values.json, quiet: values.quiet, debug: values.debug }
}
