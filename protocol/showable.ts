/**
 * Which text can be shown to a person as it is: every character visible, in its place, and not another's double. One definition for
 * file names and for terminals, from one table, so that both sides of a transfer agree whatever Unicode their Node knows.
 */
import { JOINED_RANGES, PICTURE_RANGES, UNSHOWN_RANGES } from './unicode-ranges.ts'

const ZERO_WIDTH_NON_JOINER = 0x200c
const ZERO_WIDTH_JOINER = 0x200d
const TEXT_STYLE = 0xfe0e
const PICTURE_STYLE = 0xfe0f
const KEYCAP = 0x20e3

/** The bounds of the ranges of a set: a code point belongs to it when an odd number of bounds are not above it. */
function boundsOf(ranges: string): Uint32Array {
  let bound = 0
  return Uint32Array.from(ranges.trim().split(/\s+/), (run) => (bound += Number.parseInt(run, 36)))
}

const unshown = boundsOf(UNSHOWN_RANGES)
const pictures = boundsOf(PICTURE_RANGES)
const joined = boundsOf(JOINED_RANGES)

function isIn(bounds: Uint32Array, point: number | undefined): boolean {
  if (point === undefined) return false
  let [low, high] = [0, bounds.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((bounds[middle] ?? 0) <= point) low = middle + 1
    else high = middle
  }
  return low % 2 === 1
}

/** True when every character of `text` can be shown as it is. */
export function isShowable(text: string): boolean {
  return escapeUnshown(text, () => '') === text
}

/** `text` with what `escape` gives in place of each character (one code point, or a lone surrogate) that cannot be shown as it is. */
export function escapeUnshown(text: string, escape: (character: string) => string): string {
  if (/^[ -~]*$/.test(text)) return text
  const characters = Array.from(text)
  const points = characters.map((character) => character.codePointAt(0) ?? 0)
  return characters.map((character, at) => (isShown(points, at) ? character : escape(character))).join('')
}

function isShown(points: readonly number[], at: number): boolean {
  const point = points[at] ?? 0
  if (!isIn(unshown, point)) return true
  if (point === PICTURE_STYLE || point === TEXT_STYLE) return isStyleOfPicture(points, at)
  if (point === ZERO_WIDTH_JOINER && joinsPictures(points, at)) return true
  return (point === ZERO_WIDTH_JOINER || point === ZERO_WIDTH_NON_JOINER) && joinsLetters(points, at)
}

/** Behind a picture, or between a digit, `#` or `*` and the keycap around it (UTS #51, emoji sequences). */
function isStyleOfPicture(points: readonly number[], at: number): boolean {
  const before = points[at - 1]
  if (isIn(pictures, before)) return true
  return points[at + 1] === KEYCAP && before !== undefined && /[\d#*]/.test(String.fromCodePoint(before))
}

/** Between two pictures, the first of which may have a style. */
function joinsPictures(points: readonly number[], at: number): boolean {
  const before = points[at - 1] === PICTURE_STYLE ? points[at - 2] : points[at - 1]
  return isIn(pictures, before) && isIn(pictures, points[at + 1])
}

/** Between two letters or marks of a script that spells words with joiners, such as Persian and Hindi. */
function joinsLetters(points: readonly number[], at: number): boolean {
  return isIn(joined, points[at - 1]) && isIn(joined, points[at + 1])
}
