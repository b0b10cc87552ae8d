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
}

const stunUrl = /^stun:[^\s?]+$/i
const turnUrl = /^turns?:[^\s?]+(\?transport=(udp|tcp))?$/i

/**
 * The servers of attempt number `attempt` (from 0). Entries that werift cannot use (a TURN URL without user name and
 * credential, an unknown scheme) are skipped.
 * @throws TransportError `no_path` for `relayOnly` without a usable TURN server: werift would silently publish this host's
 * addresses.
 */
export function chooseIceServers(
  named: readonly IceServer[],
  relayOnly: boolean,
  attempt: number,
): ChosenServers {
  const stun: string[] = []
  const turn: { urls: string; username: string; credential: string }[] = []
  for (const { urls, username, credential } of named) {
    for (const url of urls) {
      if (stunUrl.test(url)) stun.push(url)
      else if (turnUrl.test(url) && username && credential) turn.push({ urls: url, username, credential })
    }
  }
  if (relayOnly && turn.length === 0) {
    throw new TransportError(
      'no_path',
      'only a relay may be used, but no TURN server with user name and credential was given',
    )
  }
  const chosenStun = relayOnly ? undefined : stun[attempt % Math.max(stun.length, 1)]
  const chosenTurn = turn[attempt % Math.max(turn.length, 1)]
  return {
    servers: [...(chosenStun ? [{ urls: chosenStun }] : []), ...(chosenTurn ? [chosenTurn] : [])],
    stun: chosenStun !== undefined,
  }
}
