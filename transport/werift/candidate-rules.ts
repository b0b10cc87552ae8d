/** Has an ICE connection of werift 0.25.2 keep our rules about candidates: which addresses of the peer it takes, how their names are looked up, and which of ours come first. */
import { MdnsLookup } from '../ice/mdns-lookup.ts'
import type { RemoteCandidates } from '../ice/remote-candidates.ts'
import type { IceConnection } from './internals.ts'

/** RFC 8445 section 5.1.2.1, for component 1: type preference of a host candidate, and the highest local preference. */
const HOST_TYPE_PREFERENCE = 126
const HIGHEST_LOCAL_PREFERENCE = 65_535

/** `hostAddresses` are those of this host, the best first. */
export function applyCandidateRules(
  ice: IceConnection,
  remote: RemoteCandidates,
  hostAddresses: readonly string[],
): void {
  const lookup = new MdnsLookup()
  // Where there is none werift makes its own: before ours was put there, and after it is closed.
  Object.defineProperty(ice, 'lookup', { get: () => lookup, set() {} })
  const check = ice.checkIncoming.bind(ice)
  // A new source becomes a candidate of the peer: werift takes any number of them.
  ice.checkIncoming = (message, from, protocol) => {
    const isKnown = ice.remoteCandidates.some(({ host, port }) => host === from[0] && port === from[1])
    if (!isKnown && !remote.admitsSeen()) return
    check(message, from, protocol)
    // A peer may send checks for as long as it is connected.
    for (const pair of ice.checkList) if (pair.protocol === protocol) pair.requestTransactionIds.clear()
  }
  const append = ice.appendLocalCandidate.bind(ice)
  // werift gives all host candidates one priority, and checks pairs of equal priority in any order.
  ice.appendLocalCandidate = (candidate) => {
    const place = hostAddresses.indexOf(candidate.host)
    if (candidate.type === 'host' && place >= 0) {
      const localPreference = HIGHEST_LOCAL_PREFERENCE - place
      candidate.priority = HOST_TYPE_PREFERENCE * 2 ** 24 + localPreference * 2 ** 8 + 255
      ice.sortCheckList()
    }
    append(candidate)
  }
}
