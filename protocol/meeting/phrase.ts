/**
 * The code that one person gives to another, such as `7-copper-lantern` (PROTOCOL.md section 2): the room's public number and secret words.
 * Parsing ignores case, accepts several separators and completes unfinished words. A word that is not in the list is refused locally,
 * before a guess is used up.
 */
import { VoltdropError } from '../errors.ts'
import { systemRandom } from '../random.ts'
import type { RandomBytes } from '../random.ts'
import { Secret } from '../secret.ts'
import { ROOM_NUMBER } from './room-number.ts'
import { words } from './words.ts'

/** Two words are 21 bits: enough where a stranger has one guess. Unattended machines should use six. */
export const DEFAULT_WORDS = 2
export const MIN_WORDS = 2
export const MAX_WORDS = 12

/** Shorter prefixes are not completed: two letters are too likely to be a mistake. */
const MIN_PREFIX_LETTERS = 3

/** Longest text that is parsed: a number of six digits, twelve words of eight letters, and extra separators. */
const MAX_CODE_CHARACTERS = 200

/** `words` are joined by `-`; in this form they are the password of CPace. */
export type Code = { readonly room: number; readonly words: Secret }

const known = new Set(words)

/** Draws `count` words, all equally likely: 16-bit draws beyond the last whole multiple of the list's length are rejected. */
export function drawWords(count: number = DEFAULT_WORDS, random: RandomBytes = systemRandom): Secret {
  if (!Number.isInteger(count) || count < MIN_WORDS || count > MAX_WORDS) {
    throw new VoltdropError('usage', `a code has ${MIN_WORDS} to ${MAX_WORDS} words`)
  }
  const fair = 65_536 - (65_536 % words.length)
  const drawn: string[] = []
  while (drawn.length < count) {
    const [high = 0, low = 0] = random(2)
    const value = high * 256 + low
    const word = words[value % words.length]
    if (value < fair && word !== undefined) drawn.push(word)
  }
  return new Secret(drawn.join('-'))
}

/** The code as it is shown to the user who passes it on. */
export function formatCode(code: Code): string {
  return `${code.room}-${code.words.reveal()}`
}

/**
 * Parses a code as people type or paste it: in any case, separated by spaces, dashes, dots, commas, `+` or `_`, with unfinished words.
 * @throws VoltdropError `bad_code`. Its detail names the place and never repeats what was typed.
 */
export function parseCode(text: string): Code {
  if (text.length > MAX_CODE_CHARACTERS) throw new VoltdropError('bad_code', 'it is too long')
  const [number = '', ...typed] = text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[\s\-+_.,\u2010-\u2015\u2212]+/)
    .filter((part) => part !== '')
  if (!ROOM_NUMBER.test(number)) {
    const isNumber = /^[1-9]\d*$/.test(number)
    throw new VoltdropError(
      'bad_code',
      isNumber ? 'its number is too large for a room' : 'it begins with the number of the room',
    )
  }
  if (typed.length < MIN_WORDS || typed.length > MAX_WORDS) {
    throw new VoltdropError('bad_code', `it has ${MIN_WORDS} to ${MAX_WORDS} words after the number`)
  }
  const complete = typed.map((part, index) => {
    const word = completeWord(part)
    if (word === undefined) throw new VoltdropError('bad_code', `word ${index + 1} is not in the word list`)
    return word
  })
  return { room: Number(number), words: new Secret(complete.join('-')) }
}

/** `typed` when it is a word, or the only word that begins with it (three letters or more); otherwise undefined. */
export function completeWord(typed: string): string | undefined {
  if (known.has(typed)) return typed
  if (typed.length < MIN_PREFIX_LETTERS) return undefined
  const [word, ...others] = wordsBeginningWith(typed)
  return others.length === 0 ? word : undefined
}

/** Every word that begins with `prefix`, in the order of the list, for completion at a prompt. */
export function wordsBeginningWith(prefix: string): readonly string[] {
  return words.filter((word) => word.startsWith(prefix))
}

/**
 * The word that was probably meant: the only one that differs from `typed` by one typing mistake, otherwise undefined.
 * For a prompt to suggest. It must not be used without confirmation, nor appear in an error.
 */
export function nearestWord(typed: string): string | undefined {
  const near = words.filter((word) => isWithinOneMistake(typed, word))
  return near.length === 1 ? near[0] : undefined
}

/** True when the two are equal or differ by one letter inserted, missing or wrong, or by two adjacent letters swapped. */
export function isWithinOneMistake(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  const swapped = a[start] === b[start + 1] && a[start + 1] === b[start] && start + 1 < a.length
  function rest(text: string, skip: number): string {
    return text.slice(start + skip)
  }
  return (
    a === b ||
    rest(a, 1) === rest(b, 1) ||
    rest(a, 1) === rest(b, 0) ||
    rest(a, 0) === rest(b, 1) ||
    (swapped && rest(a, 2) === rest(b, 2))
  )
}
