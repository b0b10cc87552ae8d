/** Which proxy a request goes through, by the environment variables that most programs read: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY. */
import { isIP } from 'node:net'
import { VoltdropError } from '../../../protocol/errors.ts'
import type { Environment } from '../../command-line/option-table.ts'
import { isLoopbackHost, parseAddressRange, withinRanges, withoutBrackets } from './addresses.ts'

export const PROXY_WANTS_CREDENTIALS =
  'the proxy asks for a user name and a password: http://NAME:PASSWORD@HOST:PORT in the variable that names it'

/**
 * The proxy for `url`, which may contain a user name and a password; undefined: none. This machine is never reached through one.
 * @throws VoltdropError `not_possible_here` for a proxy that does not speak HTTP. The variable is named; its value may hold a password.
 */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  if (isLoopbackHost(url.hostname)) return undefined
  const scheme = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const [variable, text] = valueOf(scheme, environment) ?? valueOf('all_proxy', environment) ?? []
  if (variable === undefined || text === undefined || isExcepted(url, environment)) return undefined
  const proxy = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (proxy === null) throw unusable(variable, 'is not the address of a proxy')
  if (proxy.protocol.startsWith('socks'))
    throw unusable(variable, 'names a SOCKS proxy, and only HTTP proxies can be used')
  if (proxy.protocol !== 'http:' && proxy.protocol !== 'https:')
    throw unusable(variable, 'names no HTTP proxy: http://HOST:PORT is expected')
  return proxy
}

/** The small letters win, as in other programs. A variable that is set to nothing counts as not set. */
function valueOf(name: string, environment: Environment): readonly [string, string] | undefined {
  for (const variable of [name, name.toUpperCase()]) {
    const text = environment[variable]?.trim()
    if (text !== undefined && text !== '') return [variable, text]
  }
  return undefined
}

function unusable(variable: string, why: string): VoltdropError {
  return new VoltdropError(
    'not_possible_here',
    `${variable} ${why}; NO_PROXY can except the edge from being reached through a proxy`,
  )
}

/**
 * True when NO_PROXY names the host: `*`, a name (with everything below it), an address or a network such as 10.0.0.0/8, each with a
 * port or without; separated by commas or spaces.
 */
function isExcepted(url: URL, environment: Environment): boolean {
  const [, list = ''] = valueOf('no_proxy', environment) ?? []
  const host = withoutBrackets(url.hostname)
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list.split(/[\s,]+/).some((entry) => {
    const { name, only } = exception(entry.toLowerCase())
    return name !== '' && (only === undefined || only === port) && isNamed(host, name)
  })
}

/** An IPv6 address has a port only in brackets. */
function exception(entry: string): { readonly name: string; readonly only: string | undefined } {
  const form = /^[^[]*:.*:/.test(entry) ? /^(.*)$/ : /^\[?(.*?)\]?(?::(\d{1,5}))?$/
  const [, name = '', only] = form.exec(entry) ?? []
  return { name, only }
}

function isNamed(host: string, name: string): boolean {
  if (name === '*') return true
  const family = isIP(host)
  if (family !== 0) {
    const range = parseAddressRange(name)
    return range !== undefined && isIP(range.address) === family && withinRanges([range])(host)
  }
  const domain = name.replace(/^\*?\./, '')
  return host === domain || host.endsWith(`.${domain}`)
}

/** The credentials in a proxy's address (RFC 7617). */
export function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const credentials = `${decoded(username)}:${decoded(password)}`
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a percent sign that was meant as one
  }
}
