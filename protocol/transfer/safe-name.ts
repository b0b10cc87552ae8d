/** Which file names are safe to accept from a peer or to offer: one path component that is harmless on every file system and terminal. */
import { escapeUnshown, isShowable } from '../showable.ts'

/** Longest name in UTF-8 bytes. File systems allow 255, which leaves room for suffixes that tools append. */
export const MAX_NAME_BYTES = 200

/** Longest name, in UTF-16 units, that a sender's file may have itself: what every file system allows. */
export const MAX_OWN_NAME_LENGTH = 255

/** Separators, characters special to shells or Windows, and U+FFFD, which stands for bytes that are not UTF-8. */
const FORBIDDEN = /[/\\:*?"<>|\ufffd]/
const FORBIDDEN_START = /^[.\-~ \u3000]+/
const FORBIDDEN_END = /[. \u3000]+$/

/** Blanks that look like a space: U+00A0 and its like, of which photographs and screenshots have some. */
const BLANK = /[\u00a0\u1680\u2000-\u200a\u202f\u205f]/

/** Device names of Windows, with or without an extension. */
const WINDOWS_DEVICE =
  /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(?:\.|$)/i

/** `name` in normalization form C when it is safe, otherwise undefined. */
export function safeName(name: unknown): string | undefined {
  if (typeof name !== 'string' || name.length === 0 || name.length > MAX_NAME_BYTES) return undefined
  const normal = name.normalize('NFC')
  if (new TextEncoder().encode(normal).length > MAX_NAME_BYTES) return undefined
  if (FORBIDDEN.test(normal) || FORBIDDEN_START.test(normal) || FORBIDDEN_END.test(normal)) return undefined
  if (!isShowable(normal)) return undefined
  return WINDOWS_DEVICE.test(normal) ? undefined : normal
}

/**
 * A safe name as similar to `name` as possible, under which a file is offered whose own name would be refused. Part of the protocol:
 * the receiver computes it too.
 */
export function nearestSafeName(name: string): string {
  // Characters that a later Unicode may add are replaced first: how they are normalized depends on the Node.
  let candidate = shownAs(name.replaceAll(new RegExp(FORBIDDEN, 'g'), '_')).normalize('NFC')
  candidate = candidate.replace(FORBIDDEN_START, '')
  if (WINDOWS_DEVICE.test(candidate)) candidate = `_${candidate}`
  // Shortening can cut an emoji within its sequence.
  candidate = shownAs(shorten(candidate)).replace(FORBIDDEN_END, '')
  return safeName(candidate) ?? 'file'
}

function shownAs(name: string): string {
  return escapeUnshown(name, (character) => (BLANK.test(character) ? ' ' : '_'))
}

/** Truncates at a character boundary and keeps an extension of at most 15 characters. */
function shorten(name: string): string {
  const encoder = new TextEncoder()
  const bytes = encoder.encode(name)
  if (bytes.length <= MAX_NAME_BYTES) return name
  const extension = /\.[^.\s]{1,15}$/u.exec(name)?.[0] ?? ''
  const stem = bytes.subarray(0, MAX_NAME_BYTES - encoder.encode(extension).length)
  return new TextDecoder().decode(stem).replace(/\ufffd+$/u, '') + extension
}
