/** Which addresses this host sends connectivity checks to, of those that a peer names or is seen at: few, and none that reaches its own services. */
import { scopeOf } from './address-scope.ts'
import { isUsableCandidate } from './session-description.ts'

/** Candidates taken in one attempt, from descriptions and trickled ones together; a host with many networks names 20. */
const MAX_NAMED_CANDIDATES = 24

/** Addresses that are first seen as the source of a signed check: NATs and relays, and whatever replays such a check. */
const MAX_SEEN_ADDRESSES = 8

/** Each look-up asks everybody on the local network; a browser names one host for each network and IP version. */
const MAX_MDNS_LOOKUPS = 4

type Endpoint = { readonly type: string; readonly host: string }

export type RemoteCandidateRules = {
  readonly relayOnly: boolean
  /** This side's TURN server may be told the addresses that the peer's interfaces have, not only those that others see it at. */
  readonly relayMayLearnHosts: boolean
}

/** Judges and counts the candidates of the peer in one attempt. */
export class RemoteCandidates {
  /** Loopback is the peer's only then. It must be proved, not concluded from an address. */
  peerIsOnThisHost = false
  readonly #rules: RemoteCandidateRules
  #named = 0
  #lookups = 0
  #seen = 0

  constructor(rules: RemoteCandidateRules) {
    this.#rules = rules
  }

  /** True for a candidate line that may be used; it then counts. */
  admitsNamed(line: string): boolean {
    const host = line.split(' ')[4] ?? ''
    if (!isUsableCandidate(line) || this.#named >= MAX_NAMED_CANDIDATES) return false
    if (scopeOf(host) === undefined) {
      // A look-up would show itself on this network, and a host's address is no use to a relay.
      if (this.#rules.relayOnly || this.#lookups >= MAX_MDNS_LOOKUPS) return false
      this.#lookups++
    } else if (!this.#isTarget(host)) return false
    this.#named++
    return true
  }

  /** True for an unknown address that a signed check came from; it then counts. */
  admitsSeen(): boolean {
    if (this.#seen >= MAX_SEEN_ADDRESSES) return false
    this.#seen++
    return true
  }

  /** True when `local` may check `remote`, whose name has been resolved. Checking through a relay tells its server the address. */
  mayPair(local: Endpoint, remote: Endpoint): boolean {
    const scope = scopeOf(remote.host)
    if (!this.#isTarget(remote.host)) return false
    // RFC 8445 section 6.1.2.2.
    if (scope === 'link_local' && scopeOf(local.host) !== 'link_local') return false
    // An address seen at a socket of ours (`prflx`) may be the peer's own as well.
    if (local.type !== 'relay' || ['srflx', 'relay'].includes(remote.type)) return true
    return this.#rules.relayMayLearnHosts && !this.#rules.relayOnly
  }

  #isTarget(host: string): boolean {
    const scope = scopeOf(host)
    // An IPv6 link-local address means nothing without a zone, which a candidate cannot have.
    if (scope === undefined || scope === 'unusable' || (scope === 'link_local' && host.includes(':')))
      return false
    return scope !== 'loopback' || this.peerIsOnThisHost
  }
}
