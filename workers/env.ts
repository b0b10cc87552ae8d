/** What the platform gives to the Worker: the bindings of wrangler.toml, its vars, and the optional secrets. */
import type { ExportDesk, ExportSettings } from '../durable/exports/export-desk.ts'
import type { IceSettings } from '../durable/ice/grant-ice-servers.ts'
import type { Lobby, LobbySettings } from '../durable/lobby/lobby-object.ts'
import type { Room } from '../durable/room/room-object.ts'

export interface Env extends LobbySettings, IceSettings, ExportSettings {
  readonly DB: D1Database
  readonly ROOMS: DurableObjectNamespace<Room>
  readonly LOBBY: DurableObjectNamespace<Lobby>
  readonly EXPORT_DESK: DurableObjectNamespace<ExportDesk>
  readonly ROOM_CREATE_LIMIT: RateLimit
  readonly ROOM_JOIN_LIMIT: RateLimit
  readonly WRITE_AUTH_LIMIT: RateLimit
  readonly COSTLY_LIST_LIMIT: RateLimit
  /** Comma-separated origins of pages that may open rooms; absent: only clients without an Origin. */
  readonly ALLOWED_ORIGINS?: string
  /** How long a list may be answered from memory; absent or 0: never. */
  readonly LIST_MEMORY_SECONDS?: string
  /** The last migration that the operator applies; until then the catalogue is unavailable. Absent: it is not waited for. */
  readonly AWAITED_MIGRATION?: string
  /** SHA-256 of the token that may write the catalogue, and of its successor, in hex. */
  readonly WRITE_TOKEN_SHA256?: string
  readonly WRITE_TOKEN_SHA256_NEXT?: string
}
