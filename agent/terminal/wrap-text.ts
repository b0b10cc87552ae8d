/** Breaks text into lines between words. */

/** Control Sequence Introducer with Select Graphic Rendition (ECMA-48 section 8.3.117): takes no place on the screen. */
const COLOURS = /\u001b\[[\d;]*m/g

/**
 * `text` in lines of at most `width` characters, each but the first after `indent` spaces, which the first is taken to have before it.
 * A word that is longer than a line stays whole: a path or a checksum can still be copied.
 */
export function wrapText(text: string, indent: number, width: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent + shownLength(line) + 1 + shownLength(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '') lines.push(line)
  return lines.join(`\n${' '.repeat(indent)}`)
}

function shownLength(text: string): number {
  return text.replace(COLOURS, '').length
}
