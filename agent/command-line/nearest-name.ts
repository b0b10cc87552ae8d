/** The name that was probably meant by one that is not known. */

/** Below this, too many names begin alike. */
const MIN_PREFIX_LETTERS = 3
/** One mistake for each so many letters. */
const LETTERS_PER_MISTAKE = 3

/** The only one of `names` that `typed` begins or that begins `typed`, else the only one that is nearest, within reason. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const distinct = [...new Set(names)]
  const near = distinct.filter((name) => isBegun(typed, name) || isBegun(name, typed))
  if (near.length === 1) return near[0]
  const distances = distinct.map((name) => mistakesBetween(typed, name))
  const least = Math.min(...distances)
  if (least > Math.max(1, Math.floor(typed.length / LETTERS_PER_MISTAKE))) return undefined
  const nearest = distinct.filter((_, index) => distances[index] === least)
  return nearest.length === 1 ? nearest[0] : undefined
}

function isBegun(begin: string, name: string): boolean {
  return begin.length >= MIN_PREFIX_LETTERS && name.startsWith(begin)
}

/** Letters inserted, missing, wrong or swapped with their neighbour (optimal string alignment distance). */
function mistakesBetween(a: string, b: string): number {
  // One row for each letter of `a`; a row holds the distances to every beginning of `b`.
  const rows = [Array.from({ length: b.length + 1 }, (_, at) => at)]
  function at(row: number, column: number): number {
    return rows[row]?.[column] ?? Infinity
  }
  for (let i = 1; i <= a.length; i++) {
    rows.push([i])
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      rows[i]?.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (same ? 0 : 1),
          swapped ? at(i - 2, j - 2) + 1 : Infinity,
        ),
      )
    }
  }
  return at(a.length, b.length)
}
