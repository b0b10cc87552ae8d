/** How text that a spreadsheet would run travels in CSV (OWASP, CSV injection): the edge disarms it, an import of the same file restores it. */

/** What begins a formula, full-width signs included. */
const signs = '=+\\-@\\uff1d\\uff0b\\uff0d\\uff20'
const dangerous = new RegExp(`^'*[${signs}\\t\\r\\n]`)
const disarmed = new RegExp(`^'+[${signs}]`)

/** A formula gets an apostrophe in front, and so does one that has an apostrophe already: `restoreFormula` takes one off. */
export const disarmFormula = (text: string): string => (dangerous.test(text) ? `'${text}` : text)

export const restoreFormula = (text: string): string => (disarmed.test(text) ? text.slice(1) : text)
