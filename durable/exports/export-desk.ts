/**
 * The export desk: one Durable Object that bounds what exports cost. An export reads every row of its list, so that only some run at
 * once; and its digest, which costs as much and is a line of text, is computed once for a revision, by one reader while others wait.
 */
import { DurableObject } from 'cloudflare:workers'
import type { ExportDigest } from '../../protocol/catalogue/vocabulary.ts'
import { positiveNumber } from '../positive-number.ts'
import { DigestStore, type ExportQuestion } from './digest-store.ts'
import { ExportSlots, type Slot } from './export-slots.ts'

/** Exports that one address may run at once: a person that takes a list in each format. */
const DEFAULT_PER_ADDRESS = 4
/** Exports of all addresses at once. A list waits behind a page of each of them. */
const DEFAULT_IN_ALL = 8
/** A holder asks again before each page of rows, which the database makes within 30 s or not at all. */
const DEFAULT_LEASE_SECONDS = 30
/** Waiting costs little, but not nothing. */
const WAITING_PER_ADDRESS = 32
const WAITING_IN_ALL = 500

/** Vars, all optional. */
export interface ExportSettings {
  readonly EXPORTS_PER_ADDRESS?: string
  readonly EXPORTS_AT_ONCE?: string
  readonly EXPORT_LEASE_SECONDS?: string
}

/** The digest; or, for the one who has to compute it, a ticket. */
export type DigestOrTurn = { readonly digest: ExportDigest } | Slot

/** A digest that is being computed by the holder of `ticket`. */
type Work = { readonly ticket: string; readonly done: PromiseWithResolvers<ExportDigest | undefined> }

export class ExportDesk extends DurableObject<ExportSettings> {
  readonly #digests: DigestStore
  readonly #leaseMs: number
  readonly #running: ExportSlots
  readonly #waiting: ExportSlots
  readonly #work = new Map<string, Work>()

  constructor(ctx: DurableObjectState, env: ExportSettings) {
    super(ctx, env)
    this.#digests = new DigestStore(ctx.storage.sql)
    this.#leaseMs = positiveNumber(env.EXPORT_LEASE_SECONDS, DEFAULT_LEASE_SECONDS) * 1000
    this.#running = new ExportSlots({
      perAddress: positiveNumber(env.EXPORTS_PER_ADDRESS, DEFAULT_PER_ADDRESS),
      inAll: positiveNumber(env.EXPORTS_AT_ONCE, DEFAULT_IN_ALL),
      leaseMs: this.#leaseMs,
    })
    this.#waiting = new ExportSlots({
      perAddress: WAITING_PER_ADDRESS,
      inAll: WAITING_IN_ALL,
      leaseMs: Number.POSITIVE_INFINITY, // freed by the waiting call itself
    })
  }

  /** Lets `address` begin an export. The ticket is given back by `end`, or expires unless `keep` is called in time. */
  begin(address: string | undefined): Slot {
    return this.#running.take(address)
  }

  /** To be called while an export runs. @returns how many others run; undefined: it was idle so long that others took its place. */
  keep(ticket: string, address: string | undefined): number | undefined {
    return this.#running.keep(ticket, address)
  }

  /** The export of `ticket` is over; `digest`, when it came to its end, is remembered as the answer to `key`. */
  end(ticket: string, key: string, digest: ExportDigest | undefined): void {
    this.#running.free(ticket)
    if (digest !== undefined) this.#digests.keep(key, digest)
    for (const [name, work] of this.#work) {
      if (work.ticket !== ticket) continue
      this.#work.delete(name)
      work.done.resolve(digest)
    }
  }

  /**
   * The digest of an export. While somebody computes it, this waits; when nobody does, the caller gets the ticket, has to compute it, and
   * calls `end`. A holder that dies loses its ticket, and the next one in line gets it.
   */
  async digest(question: ExportQuestion, address: string | undefined): Promise<DigestOrTurn> {
    const name = `${question.revision} ${question.key}`
    for (;;) {
      const known = this.#digests.find(question)
      if (known !== undefined) return { digest: known }
      const work = this.#work.get(name)
      if (work === undefined || !this.#running.holds(work.ticket)) return this.#assign(name, address)
      const place = this.#waiting.take(address)
      if ('refused' in place) return place
      try {
        // oxlint-disable-next-line no-await-in-loop -- until it is there, or its holder is gone
        const digest = await Promise.race([work.done.promise, scheduler.wait(this.#leaseMs)])
        if (digest) return { digest }
      } finally {
        this.#waiting.free(place.ticket)
      }
    }
  }

  #assign(name: string, address: string | undefined): Slot {
    const slot = this.#running.take(address)
    if ('ticket' in slot) this.#work.set(name, { ticket: slot.ticket, done: Promise.withResolvers() })
    return slot
  }
}
