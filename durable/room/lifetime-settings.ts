/** How long a room lasts in each of its phases: as the protocol says, or as the operator's vars say. */
import {
  ROOM_CONFIRM_SECONDS,
  ROOM_MET_SECONDS,
  ROOM_WAIT_SECONDS,
} from '../../protocol/meeting/room-lifetimes.ts'
import { positiveNumber } from '../positive-number.ts'

/** Vars, all optional. */
export interface LifetimeSettings {
  /** How long a room waits for its guest. */
  readonly ROOM_WAIT_SECONDS?: string
  /** From pairing to the first `met`. */
  readonly ROOM_CONFIRM_SECONDS?: string
  /** From the first `met` to the end. */
  readonly ROOM_MET_SECONDS?: string
}

export type RoomLifetimes = { readonly waitMs: number; readonly confirmMs: number; readonly metMs: number }

export function roomLifetimes(settings: LifetimeSettings): RoomLifetimes {
  return {
    waitMs: positiveNumber(settings.ROOM_WAIT_SECONDS, ROOM_WAIT_SECONDS) * 1_000,
    confirmMs: positiveNumber(settings.ROOM_CONFIRM_SECONDS, ROOM_CONFIRM_SECONDS) * 1_000,
    metMs: positiveNumber(settings.ROOM_MET_SECONDS, ROOM_MET_SECONDS) * 1_000,
  }
}
