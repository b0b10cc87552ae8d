/**
 * The lobby: one Durable Object that lends out room numbers and counts how many an address holds. Nobody can list them, and no
 * message of a room passes here.
 */
import { DurableObject } from 'cloudflare:workers'
import { positive, roomLifetimes, type RoomSettings } from '../room/room-settings.ts'
import { drawNumber } from './draw-room-number.ts'

/** A number is lent again only this long after its room closed: a code read out late must not lead to strangers. */
const REST_MS = 600_000

/** An address may hold this many rooms open: several people share one, and a room ends when its sender goes. */
const DEFAULT_ROOMS_PER_ADDRESS = 10

/** A lent number, or why there is none. */
export type Lease = { readonly number: number } | { readonly refused: 'too_many' | 'full' }

export class Lobby extends DurableObject<RoomSettings> {
  readonly #sql: SqlStorage

  constructor(ctx: DurableObjectState, env: RoomSettings) {
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
  }

  /**
   * Lends a number to `address` (`undefined`: not counted) until `release`, or until no room of that number can be alive.
   * The address is kept while the room is open and forgotten with it.
   */
  lease(address: string | undefined): Lease {
    const now = Date.now()
    this.#sql.exec('DELETE FROM numbers WHERE free_at <= ?', now)
    if (address !== undefined && this.#openRooms(address, now) >= this.#roomsPerAddress())
      return { refused: 'too_many' }
    const number = drawNumber(
      (largest) => this.#count('SELECT COUNT(*) AS n FROM numbers WHERE number <= ?', largest),
      (drawn) => this.#count('SELECT COUNT(*) AS n FROM numbers WHERE number = ?', drawn) > 0,
    )
    if (number === undefined) return { refused: 'full' }
    const { waitMs, confirmMs, metMs } = roomLifetimes(this.env)
    const openUntil = now + waitMs + 2 * confirmMs + metMs
    this.#sql.exec(
      'INSERT INTO numbers VALUES (?, ?, ?, ?)',
      number,
      address ?? null,
      openUntil,
      openUntil + REST_MS,
    )
    return { number }
  }

  /** The room of that number is over: the number rests, then it is free. */
  release(number: number): void {
    const now = Date.now()
    this.#sql.exec(
      'UPDATE numbers SET address = NULL, open_until = ?, free_at = ? WHERE number = ? AND open_until > ?',
      now,
      now + REST_MS,
      number,
      now,
    )
  }

  #openRooms(address: string, now: number): number {
    return this.#count('SELECT COUNT(*) AS n FROM numbers WHERE address = ? AND open_until > ?', address, now)
  }

  #roomsPerAddress(): number {
    return positive(this.env.ROOMS_PER_ADDRESS, DEFAULT_ROOMS_PER_ADDRESS)
  }

  #count(query: string, ...values: (string | number)[]): number {
    return this.#sql.exec<{ n: number }>(query, ...values).one().n
  }
}
