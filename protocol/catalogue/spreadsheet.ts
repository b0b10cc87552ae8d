/** Text that a spreadsheet would run as a formula, in CSV (OWASP, CSV injection): an export disarms it, an import restores it. */

/** The characters that begin a formula, full-width ones included. */
const SIGNS = '=+\\-@\\uff1d\\uff0b\\uff0d\\uff20'
const dangerous = new RegExp(`^'*[${SIGNS}\\t\\r\\n]`)
const disarmed = new RegExp(`^'+[${SIGNS}]`)

/** Puts an apostrophe before a formula, also before one that has apostrophes already, so that `restoreFormula` can take off exactly one. */
export function disarmFormula(text: string): string {
  return dangerous.test(text) ? `'${text}` : text
}

export function restoreFormula(text: string): string {
  return disarmed.test(text) ? text.slice(1) : text
}
