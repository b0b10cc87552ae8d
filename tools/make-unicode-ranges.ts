/**
 * Makes protocol/unicode-ranges.ts: `node tools/make-unicode-ranges.ts`, with a Node that knows exactly the Unicode version below.
 * That is the version of the oldest Node supported (22.18): normalization form C of text without unassigned characters is the same
 * in every later version (UAX #15 section 3), so that both ends agree on names whatever Node they run on.
 */
import { writeFile } from 'node:fs/promises'

const UNICODE_VERSION = '16.0'
const LAST_CODE_POINT = 0x10ffff
const LINE_CHARACTERS = 130

if (process.versions['unicode'] !== UNICODE_VERSION)
  throw new Error(`this Node knows Unicode ${process.versions['unicode']}; ${UNICODE_VERSION} is needed`)

/**
 * General category C (control, format, surrogate, private use, unassigned), line and paragraph separators, default-ignorable
 * characters, blanks that look like others (all but U+0020 and the wide U+3000 of East Asian text), and letters and symbols whose
 * picture is empty: Braille without dots, blank hieroglyphs, fillers, a notehead that is none, the place of an object.
 */
const UNSHOWN =
  /^[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{13441}\u{13442}\u{16fe4}\u{1d159}]$|^(?![ \u3000])\p{Zs}$/u
/** ASCII has the digits, `#` and `*` of keycaps among its emoji; they are judged by their own rule. */
const PICTURES = /^(?![\0-\x7f])[\p{Emoji}\p{Extended_Pictographic}]$/u
/** Scripts in which U+200C and U+200D are part of the spelling (Unicode core specification, section 23.2). */
const JOINED_SCRIPTS =
  `Arabic Syriac Mongolian Nko Adlam Hanifi_Rohingya Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu
  Kannada Malayalam Sinhala Khmer Myanmar Tibetan`.split(/\s+/)
const JOINED = new RegExp(
  `^(?=[\\p{L}\\p{M}])[${JOINED_SCRIPTS.map((name) => `\\p{Script_Extensions=${name}}`).join('')}]$`,
  'u',
)

/** The characters that `set` matches, as numbers in base 36: how many are skipped, how many follow, and so on. */
function encoded(set: RegExp): string {
  const runs: number[] = [0]
  for (let point = 0; point <= LAST_CODE_POINT; point++) {
    const isMember = set.test(String.fromCodePoint(point))
    if (isMember === (runs.length % 2 === 1)) runs.push(0)
    runs[runs.length - 1] = (runs.at(-1) ?? 0) + 1
  }
  if (runs.length % 2 === 1) runs.pop()
  return wrapped(runs.map((run) => run.toString(36)))
}

function wrapped(words: readonly string[]): string {
  const lines = ['']
  for (const word of words) {
    const last = lines.at(-1) ?? ''
    if (last.length + word.length + 1 > LINE_CHARACTERS) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.join('\n')
}

function exported(name: string, says: string, set: RegExp): string {
  return `/** ${says} */\nexport const ${name} = \`\n${encoded(set)}\`\n`
}

await writeFile(
  new URL('../protocol/unicode-ranges.ts', import.meta.url),
  `/**
 * Sets of characters of Unicode ${UNICODE_VERSION}, made by tools/make-unicode-ranges.ts, which says what is in each. They are part of the
 * protocol: Node's own \`\\p{…}\` knows another version of Unicode in each release. Numbers in base 36: how many code points are
 * skipped, how many belong to the set, and so on.
 */

${[
  exported('UNSHOWN_RANGES', 'What cannot be seen, or moves or reorders what is seen.', UNSHOWN),
  exported('PICTURE_RANGES', 'Emoji and other pictographs outside ASCII (UTS #51).', PICTURES),
  exported('JOINED_RANGES', 'Letters and marks of scripts whose spelling has joiners.', JOINED),
].join('\n')}`,
)
