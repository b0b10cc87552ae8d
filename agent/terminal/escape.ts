/**
 * Escapes text from outside (file names, error texts, agent versions, the edge's reasons) on its way to a terminal or a log. All of
 * it passes through here.
 */

/**
 * Control, format, surrogate, private and unassigned characters (Unicode general category C), line and paragraph separators,
 * and the invisible rest (Default_Ignorable_Code_Point): whatever could move the cursor, reverse the reading direction or hide.
 */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** Longest outside text that is shown, in UTF-16 units; the rest is cut so that a peer cannot fill the screen. */
const MAX_SHOWN_LENGTH = 512

/** `text` with every unsafe character written as `\u{hex}`, cut to a readable length. Never throws. */
export function escapeText(text: string): string {
  const shown = text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text
  return shown.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** `value` as JSON in which every unsafe character is a `\\uXXXX` escape: the same value to a parser, harmless to a terminal. */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}
