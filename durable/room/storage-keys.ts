/** Under which keys a room stores what: its state, frames kept for a seat in their order, and the ICE servers given to a seat. */
import type { Seat } from '../../protocol/meeting/room.ts'

export const STATE_KEY = 'state'
export const KEPT_PREFIX = 'kept/'

export function keptKey(to: Seat, frame: number): string {
  return `${KEPT_PREFIX}${to}/${String(frame).padStart(4, '0')}`
}

export function iceKey(seat: Seat): string {
  return `ice/${seat}`
}
