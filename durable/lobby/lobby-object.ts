/**
 * The lobby: one Durable Object that lends room numbers, knows which are lent, and counts how many each address holds. Its numbers
 * cannot be listed, and no message of a room passes through it.
 */
import { DurableObject } from 'cloudflare:workers'
import { positiveNumber } from '../positive-number.ts'
import { type LifetimeSettings, roomLifetimes } from '../room/lifetime-settings.ts'
import { drawRoomNumber } from './draw-room-number.ts'

/**
 * A number is lent again only this long after its room closed: a code that is typed late must not lead into another room, and an agent
 * that tried a code refuses that number for as long (agent/files/private/tried-rooms.ts).
 */
const REUSE_AFTER_MS = 600_000

/** An address may hold this many rooms open: several people share one, and a room ends when its sender leaves. */
const DEFAULT_ROOMS_PER_ADDRESS = 10

/**
 * A /48 of IPv6, which many providers give to one customer, holds 65,536 addresses as they are counted here: together they may hold as
 * many rooms as this many addresses. Otherwise one of them could hold all rooms.
 */
const ADDRESSES_OF_SITE = 10

/** All addresses together: far more than one edge needs, and few enough that counting them stays cheap. */
const DEFAULT_ROOMS_IN_ALL = 20_000

/** Vars, all optional. */
export interface LobbySettings extends LifetimeSettings {
  /** Rooms that one address may hold open. */
  readonly ROOMS_PER_ADDRESS?: string
  /** Rooms that may be open at the same time. */
  readonly ROOMS_IN_ALL?: string
}

/** A lent number, or why there is none. */
export type Lease = { readonly number: number } | { readonly refused: 'too_many' | 'full' }

export class Lobby extends DurableObject<LobbySettings> {
  readonly #sql: SqlStorage

  constructor(ctx: DurableObjectState, env: LobbySettings) {
    super(ctx, env)
    this.#sql = ctx.storage.sql
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS numbers (
         number INTEGER PRIMARY KEY,
         address TEXT,
         open_until INTEGER NOT NULL,
         free_at INTEGER NOT NULL
       )`,
    )
    this.#sql.exec('CREATE INDEX IF NOT EXISTS numbers_address ON numbers (address)')
    this.#sql.exec('CREATE INDEX IF NOT EXISTS numbers_free_at ON numbers (free_at)')
    this.#sql.exec('CREATE INDEX IF NOT EXISTS numbers_open_until ON numbers (open_until)')
  }

  /**
   * Lends a number to `address` (`undefined`: not counted by address) until `release`, or until its room must have expired, which
   * depends on what its host asked for. `release` deletes the address.
   */
  lease(address: string | undefined, waitSeconds?: number): Lease {
    const now = Date.now()
    this.#sql.exec('DELETE FROM numbers WHERE free_at <= ?', now)
    const refused = this.#refuse(address, now)
    if (refused !== undefined) return { refused }
    const number = drawRoomNumber(
      (largest) => this.#count('SELECT COUNT(*) AS n FROM numbers WHERE number <= ?', largest),
      (drawn) => this.#count('SELECT COUNT(*) AS n FROM numbers WHERE number = ?', drawn) > 0,
    )
    if (number === undefined) return { refused: 'full' }
    const { waitMs, confirmMs, metMs } = roomLifetimes(this.env, waitSeconds)
    // The longest life of a room: a guest that comes at the very end of the wait has `confirmMs`, and again from pairing.
    const openUntil = now + waitMs + 2 * confirmMs + metMs
    this.#sql.exec(
      'INSERT INTO numbers VALUES (?, ?, ?, ?)',
      number,
      address ?? null,
      openUntil,
      openUntil + REUSE_AFTER_MS,
    )
    return { number }
  }

  /** The room of that number is over; after REUSE_AFTER_MS the number is free. */
  release(number: number): void {
    const now = Date.now()
    this.#sql.exec(
      'UPDATE numbers SET address = NULL, open_until = ?, free_at = ? WHERE number = ? AND open_until > ?',
      now,
      now + REUSE_AFTER_MS,
      number,
      now,
    )
  }

  /** True while the room of that number is open: only then may it be woken. */
  isLent(number: number): boolean {
    const query = 'SELECT COUNT(*) AS n FROM numbers WHERE number = ? AND open_until > ?'
    return this.#count(query, number, Date.now()) > 0
  }

  #refuse(address: string | undefined, now: number): 'too_many' | 'full' | undefined {
    const allowed = positiveNumber(this.env.ROOMS_PER_ADDRESS, DEFAULT_ROOMS_PER_ADDRESS)
    if (address !== undefined && this.#openRooms(address, now) >= allowed) return 'too_many'
    const site = address === undefined ? undefined : siteOf(address)
    if (site !== undefined && this.#openRoomsOfSite(site, now) >= allowed * ADDRESSES_OF_SITE)
      return 'too_many'
    const allowedInAll = positiveNumber(this.env.ROOMS_IN_ALL, DEFAULT_ROOMS_IN_ALL)
    const open = this.#count('SELECT COUNT(*) AS n FROM numbers WHERE open_until > ?', now)
    return open >= allowedInAll ? 'full' : undefined
  }

  #openRooms(address: string, now: number): number {
    return this.#count('SELECT COUNT(*) AS n FROM numbers WHERE address = ? AND open_until > ?', address, now)
  }

  #openRoomsOfSite(site: string, now: number): number {
    const query = 'SELECT COUNT(*) AS n FROM numbers WHERE address >= ? AND address < ? AND open_until > ?'
    return this.#count(query, `${site}:`, `${site};`, now)
  }

  #count(query: string, ...values: (string | number)[]): number {
    return this.#sql.exec<{ n: number }>(query, ...values).one().n
  }
}

/** The first three groups of a network such as `2001:db8:1:2::/64`: all that begin with them and a colon are of one site. */
function siteOf(address: string): string | undefined {
  return /^([\da-f]+:[\da-f]+:[\da-f]+):[\da-f]+::\/64$/.exec(address)?.[1]
}
