/**
 * Makes protocol/meeting/words.ts from the English word list of BIP39: `node tools/make-words.ts <package>/wordlists/english.js`.
 * Keeps a word only when no kept word is one typing mistake away, so that a single mistake never gives another valid word.
 */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Words nobody should have to read to a stranger, or that sound like a threat or a misfortune on a terminal. */
const denied = new Set(
  `abuse accuse addict alcohol army arrest assault attack blind blood bomb bullet burden burst cannon casino
  coffin corrupt crack crash crazy crime cruel cry damage death decline despair destroy devil die disease
  divorce drunk dumb enemy error evil execute expire fail fat fatal fault fear fever fury ghost grief guilt
  gun hate hazard hell horror hurt idiot illness injury insane jealous kidnap kill kiss knife lawsuit mad
  maid maniac murder naive nasty nuclear obscure odor orphan panic pig pill pistol poverty prison punch
  rebel reject rifle riot sad scare scorpion screw shoot sick slave slender slot smoke spoil steal sting
  strike stupid suffer surrender swear target terror theft tobacco toilet tragic trap trash trigger ugly
  upset urge useless vicious victim violence virus warfare weapon wine worry wreck wrestle wrist`.split(
    /\s+/,
  ),
)

/** Optimal string alignment distance (Damerau-Levenshtein with adjacent swaps), at most 2 matters here. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 1) return 2
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  function at(row: number, column: number): number {
    return rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  }
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j++) {
      const substituted = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, substituted, swapped ? at(i - 2, j - 2) + 1 : 9))
    }
  }
  return at(a.length, b.length)
}

const source = process.argv[2]
if (!source) throw new Error('usage: node tools/make-words.ts <path of the BIP39 English list>')
const { wordlist } = (await import(pathToFileURL(resolve(source)).href)) as { wordlist: readonly string[] }

const kept: string[] = []
for (const word of wordlist) {
  if (!/^[a-z]{3,8}$/.test(word) || denied.has(word)) continue
  if (kept.every((other) => distance(word, other) >= 2)) kept.push(word)
}

const lines = ['']
for (const word of kept) {
  const last = lines.at(-1) ?? ''
  if (last.length + word.length + 1 > 105) lines.push(word)
  else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
}
await writeFile(
  new URL('../protocol/meeting/words.ts', import.meta.url),
  `/**
 * The words of codes and verification strings: part of the BIP39 English list (see NOTICE), pairwise at least two typing mistakes apart.
 * Made by tools/make-words.ts. Its order is part of the protocol: a change of this list is a new protocol version.
 */
export const words: readonly string[] = \`
${lines.join('\n')}
\`
  .trim()
  .split(/\\s+/)
`,
)
console.log(`${kept.length} words`)
