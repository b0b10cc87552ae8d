/** How text that a spreadsheet would run travels in CSV (OWASP, CSV injection): the edge disarms it, an import of the same file restores it. */

/** What begins a formula, full-width signs included. */
const SIGNS = '=+\\-@\\uff1d\\uff0b\\uff0d\\uff20'
const dangerous = new RegExp(`^'*[${SIGNS}\\t\\r\\n]`)
const disarmed = new RegExp(`^'+[${SIGNS}]`)

/** A formula gets an apostrophe in front, and so does one that has an apostrophe already: `restoreFormula` takes one off. */
export function disarmFormula(text: string): string {
  return dangerous.test(text) ? `'${text}` : text
}

export function restoreFormula(text: string): string {
  return disarmed.test(text) ? text.slice(1) : text
}
