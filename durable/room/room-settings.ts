/** The operator's vars that govern rooms: for the room itself, and for the lobby that lends its number. */
import { ROOM_CONFIRM_MS, ROOM_MET_MS, ROOM_WAIT_MS } from '../../protocol/meeting/room-lifetimes.ts'

/** An address may hold this many rooms open: several people share one, and a room ends when its sender leaves. */
const DEFAULT_ROOMS_PER_ADDRESS = 10

/** Decimal text, all optional. What is not a positive number counts as absent. */
export interface RoomSettings {
  /** How long a room waits for its guest; ROOM_WAIT_MS when absent. */
  readonly ROOM_WAIT_SECONDS?: string
  /** From pairing to the first `met`; ROOM_CONFIRM_MS when absent. */
  readonly ROOM_CONFIRM_SECONDS?: string
  /** From the first `met` to the end; ROOM_MET_MS when absent. */
  readonly ROOM_MET_SECONDS?: string
  /** Rooms that one address may hold open. */
  readonly ROOMS_PER_ADDRESS?: string
}

/** How long a room stays in each phase, in milliseconds. */
export type RoomLifetimes = { readonly waitMs: number; readonly confirmMs: number; readonly metMs: number }

export function roomLifetimes(settings: RoomSettings): RoomLifetimes {
  return {
    waitMs: milliseconds(settings.ROOM_WAIT_SECONDS) ?? ROOM_WAIT_MS,
    confirmMs: milliseconds(settings.ROOM_CONFIRM_SECONDS) ?? ROOM_CONFIRM_MS,
    metMs: milliseconds(settings.ROOM_MET_SECONDS) ?? ROOM_MET_MS,
  }
}

export function roomsPerAddress(settings: RoomSettings): number {
  return positiveNumber(settings.ROOMS_PER_ADDRESS) ?? DEFAULT_ROOMS_PER_ADDRESS
}

function milliseconds(seconds: string | undefined): number | undefined {
  const number = positiveNumber(seconds)
  return number === undefined ? undefined : number * 1_000
}

function positiveNumber(text: string | undefined): number | undefined {
  const number = Number(text)
  return number > 0 && Number.isFinite(number) ? number : undefined
}
