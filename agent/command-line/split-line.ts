/**
 * Splits argv into options and words by the usual conventions: `--name`, `--name VALUE`, `--name=VALUE`, `-n`, `-n VALUE`, `-nVALUE`,
 * switches in one group (`-qy`), and `--`, after which everything is a word. The result is that of node:util's parseArgs, which
 * takes two milliseconds of every start to check its configuration.
 */

/** One option as typed. */
export type Token = {
  readonly name: string
  /** `--name` or `-n`. */
  readonly raw: string
  readonly value: string | undefined
  /** The value is attached, so it may begin with a dash. */
  readonly inline: boolean
}

export type Split = { readonly tokens: readonly Token[]; readonly words: readonly string[] }

/** What must be known of an option to split a line. */
export type Splittable = { readonly name: string; readonly short?: string; readonly argument?: string }

/** Never throws. An option that is not in `options` is taken for a switch. */
export function splitLine(args: readonly string[], options: readonly Splittable[]): Split {
  const withValue = new Set(options.filter(({ argument }) => argument !== undefined).map(({ name }) => name))
  const longNames = new Map(
    options.flatMap(({ name, short }) => (short === undefined ? [] : [[short, name]])),
  )
  const tokens: Token[] = []
  const words: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (arg === '--') return { tokens, words: [...words, ...args.slice(at + 1)] }
    const found = arg.startsWith('--') ? [longOption(arg)] : shortOptions(arg, longNames, withValue)
    if (found.length === 0) words.push(arg)
    for (const token of found) {
      const takesNext = token.value === undefined && withValue.has(token.name)
      tokens.push(takesNext ? { ...token, value: args[++at] } : token)
    }
  }
  return { tokens, words }
}

function longOption(arg: string): Token {
  const equals = arg.indexOf('=', '--n'.length)
  if (equals === -1) return { name: arg.slice(2), raw: arg, value: undefined, inline: false }
  const name = arg.slice(2, equals)
  return { name, raw: `--${name}`, value: arg.slice(equals + 1), inline: true }
}

/** The options of `-n`, `-qy` or `-nVALUE`; none for a word, `-` among them. */
function shortOptions(
  arg: string,
  longNames: ReadonlyMap<string, string>,
  withValue: ReadonlySet<string>,
): Token[] {
  if (!arg.startsWith('-')) return []
  const tokens: Token[] = []
  for (let at = 1; at < arg.length; at++) {
    const letter = arg.charAt(at)
    const name = longNames.get(letter) ?? letter
    const rest = arg.slice(at + 1)
    const raw = `-${letter}`
    if (rest !== '' && withValue.has(name)) return [...tokens, { name, raw, value: rest, inline: true }]
    tokens.push({ name, raw, value: undefined, inline: false })
  }
  return tokens
}
