/**
 * Escapes text from outside (file names, error texts, agent versions, the edge's reasons) on its way to a terminal or a log. All of
 * it passes through here. What is escaped is whatever cannot be shown as it is (`protocol/showable.ts`): controls that move the cursor,
 * marks that reverse the reading direction, characters that hide or look like nothing.
 */
import { escapeUnshown } from '../../protocol/showable.ts'

/** Longest outside text that is shown, in UTF-16 units; the rest is cut so that a peer cannot fill the screen. */
const MAX_SHOWN_LENGTH = 512

/** `text` with every such character written as `\u{hex}`, cut to a readable length. Never throws. */
export function escapeText(text: string): string {
  const shown = text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text
  return escapeUnshown(shown, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** `value` as JSON in which every such character is a `\\uXXXX` escape: the same value to a parser, harmless to a terminal. */
export function escapeJson(value: unknown): string {
  return escapeUnshown(JSON.stringify(value), (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}
