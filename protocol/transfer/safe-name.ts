/** Which file names are safe to accept from a peer or to offer: one path component that is harmless on every file system and terminal. */

/** Longest name in UTF-8 bytes. File systems allow 255, which leaves room for suffixes that tools append. */
export const MAX_NAME_BYTES = 200

/** Separators, characters special to shells or Windows, and characters that are invisible or misleading (Unicode general categories). */
const FORBIDDEN = /[/\\:*?"<>|\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u
const FORBIDDEN_START = /^[.\-~\s]/u
const FORBIDDEN_END = /[.\s]$/u

/** Device names of Windows, with or without an extension. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(?:\.|$)/i

/** `name` in normalization form C when it is safe, otherwise undefined. */
export function safeName(name: unknown): string | undefined {
  if (typeof name !== 'string' || name.length === 0 || name.length > MAX_NAME_BYTES) return undefined
  const normal = name.normalize('NFC')
  if (new TextEncoder().encode(normal).length > MAX_NAME_BYTES) return undefined
  if (FORBIDDEN.test(normal) || FORBIDDEN_START.test(normal) || FORBIDDEN_END.test(normal)) return undefined
  return WINDOWS_DEVICE.test(normal) ? undefined : normal
}

/** A safe name as similar to `name` as possible, to offer a local file whose own name would be refused. */
export function nearestSafeName(name: string): string {
  let candidate = name
    .normalize('NFC')
    .replaceAll(new RegExp(FORBIDDEN, 'gu'), '_')
    .replace(/^[.\-~\s]+/u, '')
  if (WINDOWS_DEVICE.test(candidate)) candidate = `_${candidate}`
  candidate = shorten(candidate).replace(/[.\s]+$/u, '')
  return safeName(candidate) ?? 'file'
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
