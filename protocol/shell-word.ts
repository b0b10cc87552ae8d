/** Text in a command line that is shown to be copied. */

/** One word of a POSIX shell. Text with special characters is put in single quotes, where nothing is expanded. */
export function shellWord(text: string): string {
  if (/^[\w.,:/@%+=-]+$/.test(text)) return text
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
