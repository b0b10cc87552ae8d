/** The key by which a client's requests are counted: its address, cut to what one household or server has. */

/**
 * An IPv4 address, the /64 of an IPv6 address (a provider gives each customer at least that), or `unknown` for anything else.
 * `undefined` for the loopback, which is not limited: only an edge on the same machine sees such clients.
 */
export function clientKey(address: string | undefined): string | undefined {
  if (address === undefined || address.length > 64) return 'unknown'
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  if (/^127(\.\d{1,3}){3}$/.test(mapped) || mapped === '::1') return undefined
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(mapped)) return mapped
  return networkOf(mapped) ?? 'unknown'
}

/** The first four groups of an IPv6 address (RFC 4291 section 2.2), `::` expanded. */
function networkOf(address: string): string | undefined {
  const [head = '', tail, ...more] = address.toLowerCase().split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = 8 - before.length - after.length
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return undefined
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
