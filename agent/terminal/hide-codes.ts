/** Keeps codes out of errors: one typed in the wrong place would otherwise be repeated there, and errors end up in logs. */
import { completeWord, MIN_WORDS, nearestWord } from '../../protocol/meeting/phrase.ts'

/**
 * A number and words, with the separators that a code may have; dots and spaces only where there is nothing else:
 * `2026-report-final.txt` is a file.
 */
const LIKE_A_CODE =
  /(?<![\p{L}\p{N}])(\d{1,6})((?:[-+_,\u2010-\u2015\u2212]+\p{L}{3,12})+|(?:\.\p{L}{3,12}){2,}|(?: \p{L}{3,12}){2,})/gu

/** `text` with `7-***` in place of everything that reads as a code, also where a word is misspelt or unfinished. */
export function hideCodes(text: string): string {
  return text.replace(LIKE_A_CODE, (found: string, number: string, rest: string, at: number) => {
    if (/^\.\p{L}/u.test(text.slice(at + found.length))) return found
    const parts = [...rest.matchAll(/\p{L}+/gu)]
    // With spaces, almost any sentence would have words that are near to some of the list.
    const isSecret = rest.startsWith(' ') ? isListed : isNearWord
    const other = parts.findIndex(([word]) => !isSecret(word.toLowerCase()))
    const secret = other === -1 ? parts : parts.slice(0, other)
    const last = secret.at(-1)
    if (last === undefined || secret.length < MIN_WORDS) return found
    return `${number}-***${rest.slice(last.index + last[0].length)}`
  })
}

function isListed(text: string): boolean {
  return completeWord(text) === text
}

function isNearWord(text: string): boolean {
  return completeWord(text) !== undefined || nearestWord(text) !== undefined
}
