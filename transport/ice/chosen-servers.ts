/**
 * Which STUN and TURN server an attempt uses: werift asks only the first of each, so each further attempt starts one place
 * further down the list.
 */
import type { IceServer } from '../contract.ts'
import { TransportError } from '../transport-error.ts'

export type ChosenServers = {
  /** In werift's configuration form: at most one STUN and one TURN URL. */
  readonly servers: { urls: string; username?: string; credential?: string }[]
  /** False when no STUN server was named: then none may be asked. */
  readonly stun: boolean
  /** Their names or addresses. */
  readonly hosts: readonly string[]
  /** The name that the TURN server's certificate must have, when it is not that of its URL. */
  readonly tlsName: string | undefined
  /** The TURN server may be told the addresses of the peer's interfaces. */
  readonly relayMayLearnHosts: boolean
}

const stunUrl = /^stun:[^\s?]+$/i
const turnUrl = /^turns?:[^\s?]+(\?transport=(udp|tcp))?$/i

type Usable = {
  readonly stun: readonly string[]
  readonly turn: readonly (IceServer & { readonly url: string })[]
}

/** Entries that werift cannot use (a TURN URL without user name and credential, an unknown scheme) are skipped. */
function usableServers(named: readonly IceServer[]): Usable {
  const all = named.flatMap((server) => server.urls.map((url) => ({ ...server, url })))
  return {
    stun: all.filter(({ url }) => stunUrl.test(url)).map(({ url }) => url),
    turn: all.filter(({ url, username, credential }) => turnUrl.test(url) && username && credential),
  }
}

/** True when a TURN server that can be used is among `named`. */
export function hasRelay(named: readonly IceServer[]): boolean {
  return usableServers(named).turn.length > 0
}

/** The name or address in the URL of a STUN or TURN server (RFC 7064, RFC 7065), without brackets. */
export function hostOfServer(url: string): string {
  const [, literal, name = ''] = /^\w+:(?:\[([^\]]*)\]|([^:?]*))/.exec(url) ?? []
  return literal ?? name
}

/**
 * The servers of attempt number `attempt` (from 0).
 * @throws TransportError `no_path` for `relayOnly` without a usable TURN server: werift would silently publish this host's
 * addresses.
 */
export function chooseIceServers(
  named: readonly IceServer[],
  relayOnly: boolean,
  attempt: number,
): ChosenServers {
  const { stun, turn } = usableServers(named)
  if (relayOnly && turn.length === 0) {
    throw new TransportError(
      'no_path',
      'only a relay may be used, but no TURN server with user name and credential was given',
    )
  }
  const chosenStun = relayOnly ? undefined : stun[attempt % Math.max(stun.length, 1)]
  const chosenTurn = turn[attempt % Math.max(turn.length, 1)]
  const { username = '', credential = '', url: urls = '' } = chosenTurn ?? {}
  return {
    servers: [
      ...(chosenStun ? [{ urls: chosenStun }] : []),
      ...(chosenTurn ? [{ urls, username, credential }] : []),
    ],
    stun: chosenStun !== undefined,
    hosts: [chosenStun, chosenTurn?.url].filter((url) => url !== undefined).map(hostOfServer),
    tlsName: chosenTurn?.serverName,
    relayMayLearnHosts: chosenTurn?.mayLearnHosts ?? false,
  }
}
