/** Which host names can only mean this machine. */

/** `hostname` as a URL gives it: an IPv6 address is in brackets. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}
