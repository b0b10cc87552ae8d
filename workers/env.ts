/** What the platform hands to the Worker: the bindings of wrangler.toml, its vars, and the optional secrets. */
import type { Lobby } from '../durable/lobby/lobby-object.ts'
import type { Room } from '../durable/room/room-object.ts'

export interface Env {
  readonly DB: D1Database
  readonly ROOMS: DurableObjectNamespace<Room>
  readonly LOBBY: DurableObjectNamespace<Lobby>
  readonly ROOM_CREATE_LIMIT: RateLimit
  readonly ROOM_JOIN_LIMIT: RateLimit
  readonly WRITE_AUTH_LIMIT: RateLimit
  /** Comma-separated STUN URLs; empty: none. */
  readonly STUN_URLS: string
  /** Comma-separated origins of pages that may open rooms; absent: only clients without an Origin. */
  readonly ALLOWED_ORIGINS?: string
  readonly ROOMS_PER_ADDRESS?: string
  readonly ROOM_WAIT_SECONDS?: string
  /** How long a list may be answered from memory; absent or 0: never. */
  readonly LIST_MEMORY_SECONDS?: string
  readonly TURN_URLS?: string
  readonly TURN_SECRET?: string
  readonly TURN_KEY_ID?: string
  readonly TURN_KEY_API_TOKEN?: string
  readonly WRITE_TOKEN_SHA256?: string
  readonly WRITE_TOKEN_SHA256_NEXT?: string
}
