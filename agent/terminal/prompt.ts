/** Asks the person: for a code, with Tab completion of its words and typos caught on the spot, and for a yes or no. */
import { createInterface } from 'node:readline/promises'
import { setImmediate } from 'node:timers/promises'
import { VoltdropError } from '../../protocol/errors.ts'
import {
  type Code,
  completeWord,
  nearestWord,
  parseCode,
  wordsBeginningWith,
} from '../../protocol/meeting/phrase.ts'
import { TEXT_COLUMN } from './progress-line.ts'
import { wrapText } from './wrap-text.ts'

/** The person's keyboard and screen: process.stdin and process.stderr. */
export type Keyboard = {
  readonly input: NodeJS.ReadableStream & {
    readonly isTTY?: boolean
    readonly setRawMode?: (mode: boolean) => unknown
  }
  readonly output: NodeJS.WritableStream & { readonly columns?: number }
}

/** After this many answers that are not a code the prompt gives up: no one is there, or a program is typing. */
const MAX_ANSWERS = 5
/** What this key combination sends in raw mode, in place of the signal SIGQUIT. */
const CONTROL_BACKSLASH = '\x1c'
/** Turns of the event loop in which what waits in the terminal is read: one to begin, one to read, one to spare. */
const TURNS_TO_READ = 3
/** Longest first line that is read from a pipe: a code is far shorter. */
const MAX_TYPED_CHARACTERS = 1024

/**
 * A code from text that is not asked for (argv, environment, file, pipe). With `suggest` the error names the word that was probably
 * meant: only for a person who typed it, because a near miss of a valid code must not end up in a machine's log.
 * @throws VoltdropError `bad_code` with the position of the word; nothing was sent and no guess is spent.
 */
export function readCode(text: string, suggest: boolean): Code {
  try {
    return parseCode(text)
  } catch (error) {
    const hint = suggest ? typoHint(text) : undefined
    if (hint === undefined) throw error
    throw new VoltdropError('bad_code', hint, { cause: error })
  }
}

/** A hint about the first word that is not in the list, when a listed one is near; undefined otherwise. */
function typoHint(text: string): string | undefined {
  if (text.length > MAX_TYPED_CHARACTERS) return undefined
  const typed = text.toLowerCase().split(/[^a-z0-9]+/)
  const at = typed.findIndex((part, index) => index > 0 && part !== '' && completeWord(part) === undefined)
  const meant = nearestWord(typed[at] ?? '')
  return meant === undefined ? undefined : `word ${at} is not in the word list; did you mean ${meant}?`
}

/** Refuses --verify, before anything is sent, where no one can be asked. */
export function requirePerson(verify: boolean, keyboard: Keyboard | undefined): void {
  if (verify && keyboard === undefined)
    throw new VoltdropError('not_possible_here', '--verify needs a person at a terminal')
}

/** Asks until a valid code is typed. Tab completes words. Rejects with `cancelled` on Ctrl-C or end of input. */
export function askCode(keyboard: Keyboard, signal: AbortSignal): Promise<Code> {
  return withPrompt(keyboard, signal, async (ask) => {
    for (let attempt = 1; ; attempt++) {
      // oxlint-disable-next-line no-await-in-loop -- one answer after the other
      const answer = await ask('  code?      ')
      try {
        return readCode(answer, true)
      } catch (error) {
        if (!(error instanceof VoltdropError) || attempt === MAX_ANSWERS) throw error
        keyboard.output.write(`${onScreen(`             ${error.detail ?? error.message}`, keyboard)}\n`)
      }
    }
  })
}

/**
 * True for yes; `enter` is what plain Enter means. Anything but yes or no is asked again, and what was typed before the question was
 * shown does not count. Rejects with `cancelled` on Ctrl-C, the end of input, and after too many other answers.
 */
export async function askYes(
  keyboard: Keyboard,
  question: string,
  enter: 'yes' | 'no',
  signal: AbortSignal,
): Promise<boolean> {
  const choices = enter === 'yes' ? '[Y/n]' : '[y/N]'
  await discardTyped(keyboard.input)
  return withPrompt(keyboard, signal, async (ask) => {
    for (let attempt = 1; attempt <= MAX_ANSWERS; attempt++) {
      // oxlint-disable-next-line no-await-in-loop -- one answer after the other
      const answer = (await ask(`${onScreen(`  ${question} ${choices}`, keyboard)} `)).trim()
      if (answer === '') return enter === 'yes'
      if (/^y(?:es)?$/i.test(answer)) return true
      if (/^no?$/i.test(answer)) return false
    }
    throw new VoltdropError('cancelled')
  })
}

/** A line that begins with a label or the space of one, broken between words where the screen is narrower. */
function onScreen(line: string, { output }: Keyboard): string {
  const [label, text] = [line.slice(0, TEXT_COLUMN), line.slice(TEXT_COLUMN)]
  // Some terminals have no width, which is 0. One column is left for what is typed.
  return label + wrapText(text, TEXT_COLUMN, (output.columns || Infinity) - 1)
}

/** Reads and drops what the keyboard has sent so far. In raw mode a line that is not finished counts too. */
async function discardTyped(input: Keyboard['input']): Promise<void> {
  function drop(): void {}
  input.setRawMode?.(true)
  input.on('data', drop)
  input.resume()
  for (let turn = 0; turn < TURNS_TO_READ; turn++) {
    // oxlint-disable-next-line no-await-in-loop -- one turn after the other
    await setImmediate()
  }
  input.off('data', drop)
  input.pause()
  input.setRawMode?.(false)
}

/** The first line of `input`, without waiting for more. Rejects with `bad_code` when it is missing or far too long. */
export async function readFirstLine(input: AsyncIterable<string | Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const part of input) {
    text += typeof part === 'string' ? part : decoder.decode(part, { stream: true })
    if (text.includes('\n') || text.length > MAX_TYPED_CHARACTERS) break
  }
  const line = text.split('\n', 1)[0]?.trim() ?? ''
  if (line === '' || line.length > MAX_TYPED_CHARACTERS)
    throw new VoltdropError('bad_code', 'standard input contains no code')
  return line
}

/** What `reading` resolves with; rejects with `cancelled` on an abort before that, because a pipe may stay open for ever. */
export async function unlessStopped<T>(reading: Promise<T>, signal: AbortSignal): Promise<T> {
  const stopped = Promise.withResolvers<never>()
  function cancel(): void {
    stopped.reject(new VoltdropError('cancelled'))
  }
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()
  try {
    return await Promise.race([reading, stopped.promise])
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** Runs `conversation` with a function that asks, and releases the keyboard afterwards. */
async function withPrompt<T>(
  keyboard: Keyboard,
  signal: AbortSignal,
  conversation: (ask: (question: string) => Promise<string>) => Promise<T>,
): Promise<T> {
  const lines = createInterface({
    ...keyboard,
    // The arrow keys must not bring back the words of a code.
    historySize: 0,
    completer: completeLastWord,
  })
  const stopped = Promise.withResolvers<never>()
  function cancel(): void {
    return stopped.reject(new VoltdropError('cancelled'))
  }
  // In raw mode Ctrl-C and Ctrl-\ come as keys, not as signals.
  lines.once('SIGINT', cancel)
  function onKey(key: string | undefined): void {
    if (key === CONTROL_BACKSLASH) cancel()
  }
  keyboard.input.on('keypress', onKey)
  lines.once('close', cancel)
  // After Ctrl-Z and `fg` the interface is paused (readline, event SIGCONT): without this nothing would keep the program running.
  lines.on('SIGCONT', () => lines.resume())
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()
  try {
    return await Promise.race([conversation((question) => lines.question(question)), stopped.promise])
  } catch (error) {
    // What is printed next must not follow the question on its line.
    keyboard.output.write('\n')
    throw error
  } finally {
    signal.removeEventListener('abort', cancel)
    keyboard.input.off('keypress', onKey)
    lines.close()
  }
}

/** Completes the last word of `line`, as node:readline takes it: candidates, and the text they replace. */
export function completeLastWord(line: string): [string[], string] {
  const prefix = /[a-z]+$/i.exec(line)?.[0]?.toLowerCase() ?? ''
  if (prefix === '') return [[], '']
  return [[...wordsBeginningWith(prefix)], prefix]
}
