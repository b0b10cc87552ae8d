/** The vars and secrets that govern rooms: for the room itself, and for the lobby that lends its number. */
import { ROOM_CONFIRM_SECONDS, ROOM_MET_SECONDS, ROOM_WAIT_SECONDS } from '../../protocol/meeting/room.ts'
import type { IceSettings } from '../ice/ice-servers.ts'
import type { Lifetimes } from './rules.ts'

/** Vars are text, all optional. */
export interface RoomSettings extends IceSettings {
  /** How long a room waits for its guest; 600 when absent. */
  readonly ROOM_WAIT_SECONDS?: string
  /** From pairing to the first `met`; 60 when absent. */
  readonly ROOM_CONFIRM_SECONDS?: string
  /** From the first `met` to the end; 600 when absent. */
  readonly ROOM_MET_SECONDS?: string
  /** Rooms that one address may hold open; 10 when absent. */
  readonly ROOMS_PER_ADDRESS?: string
}

export function roomLifetimes(settings: RoomSettings): Lifetimes {
  return {
    waitMs: positive(settings.ROOM_WAIT_SECONDS, ROOM_WAIT_SECONDS) * 1_000,
    confirmMs: positive(settings.ROOM_CONFIRM_SECONDS, ROOM_CONFIRM_SECONDS) * 1_000,
    metMs: positive(settings.ROOM_MET_SECONDS, ROOM_MET_SECONDS) * 1_000,
  }
}

/** A positive number out of a var; `fallback` when it is absent or makes no sense. */
export function positive(value: string | undefined, fallback: number): number {
  const number = Number(value)
  return number > 0 && Number.isFinite(number) ? number : fallback
}
