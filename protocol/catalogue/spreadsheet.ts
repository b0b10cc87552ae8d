/**
 * Text that a spreadsheet would run as a formula, in CSV (OWASP, CSV injection): an export disarms it, an import restores it. A spreadsheet
 * may split lines at other characters than the file's own commas, and then knows nothing of its quotes, so that a formula can begin in
 * the middle of a field.
 */

/** The characters that begin a formula, full-width ones included. */
const SIGNS = '[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20]'
/** Where a cell may begin: at the beginning of the field, or after a separator; blanks and quotes may be dropped. */
const BEFORE = '(?<=(?:^|[;,|\\t\\r\\n])[\\s"]*)'
const formulas = new RegExp(`(?='*${SIGNS})${BEFORE}`, 'g')
const disarmed = new RegExp(`${BEFORE}'(?='*${SIGNS})`, 'g')

/** Puts an apostrophe before each formula, also before one that has apostrophes already, so that `restoreFormulas` can take off exactly one. */
export function disarmFormulas(text: string): string {
  return text.replaceAll(formulas, "'")
}

export function restoreFormulas(text: string): string {
  return text.replaceAll(disarmed, '')
}
