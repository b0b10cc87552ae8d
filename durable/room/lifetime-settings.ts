/** How long a room lasts in each of its phases: as the protocol says, or as the operator's vars say. */
import {
  ROOM_CONFIRM_SECONDS,
  ROOM_HOST_AWAY_SECONDS,
  ROOM_MAX_WAIT_SECONDS,
  ROOM_MET_SECONDS,
  ROOM_WAIT_SECONDS,
} from '../../protocol/meeting/room-lifetimes.ts'
import { positiveNumber } from '../positive-number.ts'

/** Vars, all optional. */
export interface LifetimeSettings {
  /** How long a room waits for its guest when its host does not say. */
  readonly ROOM_WAIT_SECONDS?: string
  /** The longest wait that a host may ask for; a longer one is shortened to it. */
  readonly ROOM_MAX_WAIT_SECONDS?: string
  /** How long a room waits without its host. */
  readonly ROOM_HOST_AWAY_SECONDS?: string
  /** From pairing until both sides said `met`. */
  readonly ROOM_CONFIRM_SECONDS?: string
  /** From then to the end. */
  readonly ROOM_MET_SECONDS?: string
}

export type RoomLifetimes = {
  readonly waitMs: number
  readonly hostAwayMs: number
  readonly confirmMs: number
  readonly metMs: number
}

/** `askedWaitSeconds` is what the host asked for when it opened the room, if it did. */
export function roomLifetimes(settings: LifetimeSettings, askedWaitSeconds?: number): RoomLifetimes {
  const usual = positiveNumber(settings.ROOM_WAIT_SECONDS, ROOM_WAIT_SECONDS)
  const longest = positiveNumber(settings.ROOM_MAX_WAIT_SECONDS, ROOM_MAX_WAIT_SECONDS)
  return {
    waitMs: Math.min(askedWaitSeconds ?? usual, longest) * 1_000,
    hostAwayMs: positiveNumber(settings.ROOM_HOST_AWAY_SECONDS, ROOM_HOST_AWAY_SECONDS) * 1_000,
    confirmMs: positiveNumber(settings.ROOM_CONFIRM_SECONDS, ROOM_CONFIRM_SECONDS) * 1_000,
    metMs: positiveNumber(settings.ROOM_MET_SECONDS, ROOM_MET_SECONDS) * 1_000,
  }
}
