/** Hashes as text. */

export function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export async function sha256Hex(text: string): Promise<string> {
  return toHex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

/** The first 16 hex digits of the SHA-256: enough to tell lists apart; it guards no secret. */
export async function shortHash(text: string): Promise<string> {
  return (await sha256Hex(text)).slice(0, 16)
}
