/** Counts what runs at once, by address and in all. A slot that is not kept in time is free again: its holder may have died. */

export type SlotLimits = { readonly perAddress: number; readonly inAll: number; readonly leaseMs: number }

/** A slot, or whose limit is reached: that of the address, or that of the whole edge. */
export type Slot = { readonly ticket: string } | { readonly refused: 'address' | 'edge' }

type Held = { readonly address: string | undefined; readonly keptAt: number }

/** A holder that has not been heard of for this long waits for a slow client, and costs nothing. */
const ACTIVE_MS = 3_000

export class ExportSlots {
  readonly #limits: SlotLimits
  readonly #now: () => number
  readonly #held = new Map<string, Held>()

  constructor(limits: SlotLimits, now: () => number = Date.now) {
    this.#limits = limits
    this.#now = now
  }

  /** A slot for `address` (`undefined`: only the limit of the edge counts), to be freed, or kept within `leaseMs`. */
  take(address: string | undefined): Slot {
    this.#dropExpired()
    const refused = this.#refusal(address)
    if (refused !== undefined) return { refused }
    const ticket = crypto.randomUUID()
    this.#hold(ticket, address)
    return { ticket }
  }

  /**
   * Begins the lease anew. A slot that has expired in the meantime is taken again, if there is one.
   * @returns how many others are active; undefined if the slot is lost.
   */
  keep(ticket: string, address: string | undefined): number | undefined {
    this.#dropExpired()
    if (!this.#held.has(ticket) && this.#refusal(address) !== undefined) return undefined
    this.#hold(ticket, address)
    const since = this.#now() - ACTIVE_MS
    return [...this.#held.values()].filter(({ keptAt }) => keptAt > since).length - 1
  }

  holds(ticket: string): boolean {
    this.#dropExpired()
    return this.#held.has(ticket)
  }

  free(ticket: string): void {
    this.#held.delete(ticket)
  }

  #hold(ticket: string, address: string | undefined): void {
    this.#held.set(ticket, { address, keptAt: this.#now() })
  }

  #refusal(address: string | undefined): 'address' | 'edge' | undefined {
    if (this.#held.size >= this.#limits.inAll) return 'edge'
    const own = [...this.#held.values()].filter((held) => held.address === address).length
    return address !== undefined && own >= this.#limits.perAddress ? 'address' : undefined
  }

  #dropExpired(): void {
    const since = this.#now() - this.#limits.leaseMs
    for (const [ticket, { keptAt }] of this.#held) if (keptAt <= since) this.#held.delete(ticket)
  }
}
