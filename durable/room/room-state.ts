/**
 * The state of a room and its transitions, as pure functions: who gets a seat, how much a side may send, what happens when a
 * side leaves, when time is up. room-object.ts applies them; it owns the sockets, the storage and the clock.
 */
import {
  type Closing,
  MAX_FRAME_BYTES,
  MAX_SIDE_BYTES,
  MAX_SIDE_FRAMES,
  type Seat,
} from '../../protocol/meeting/room.ts'
import type { RoomLifetimes } from './lifetime-settings.ts'

export function otherSeat(seat: Seat): Seat {
  return seat === 'host' ? 'guest' : 'host'
}

/** What a side has sent in this room so far. */
export type Sent = { readonly frames: number; readonly bytes: number }

export const NOTHING_SENT: Sent = { frames: 0, bytes: 0 }

const NOBODY_MET: Readonly<Record<Seat, boolean>> = { host: false, guest: false }

/**
 * All that a room remembers; kept in storage, so that it survives eviction. `waiting`: the two sides have not been told of each
 * other yet. `paired`: they have, and the keys are not confirmed. `met`: both sides confirmed them; the seats now belong to these
 * two until the end.
 */
export type RoomState = {
  readonly number: number
  readonly phase: 'waiting' | 'paired' | 'met'
  /**
   * Who has said `met` of the present pair. The host's alone reserves the seat for its guest, which has proved to it that it knows
   * the code. The guest's alone is worth nothing: anybody can be the guest.
   */
  readonly saidMet: Readonly<Record<Seat, boolean>>
  /** SHA-256 of the host's token. */
  readonly hostHash: Uint8Array
  /** SHA-256 of the token of the guest that holds the seat, whether its socket is open or not. */
  readonly guestHash: Uint8Array | undefined
  /** An earlier guest has left: what the host still sends was meant for that one. */
  readonly guestLeft: boolean
  /** When the wait for a guest ends, Unix time in milliseconds. */
  readonly waitsUntilMs: number
  /** When the wait ends because the host is not there; `undefined` while it is. */
  readonly hostAwayUntilMs: number | undefined
  /** When the present phase ends. */
  readonly deadlineMs: number
  /** What each side sent over sockets that are closed by now. */
  readonly sent: Readonly<Record<Seat, Sent>>
}

export function newRoom(
  number: number,
  hostHash: Uint8Array,
  lifetimes: RoomLifetimes,
  nowMs: number,
): RoomState {
  const waitsUntilMs = nowMs + lifetimes.waitMs
  const hostAwayUntilMs = nowMs + lifetimes.hostAwayMs
  return {
    number,
    phase: 'waiting',
    saidMet: NOBODY_MET,
    hostHash,
    guestHash: undefined,
    guestLeft: false,
    waitsUntilMs,
    hostAwayUntilMs,
    deadlineMs: Math.min(waitsUntilMs, hostAwayUntilMs),
    sent: { host: NOTHING_SENT, guest: NOTHING_SENT },
  }
}

/** The host has taken its seat, or left it and may come back: a room that nobody holds does not wait for a guest for long. */
export function markHost(
  state: RoomState,
  isPresent: boolean,
  lifetimes: RoomLifetimes,
  nowMs: number,
): RoomState {
  const hostAwayUntilMs = isPresent ? undefined : (state.hostAwayUntilMs ?? nowMs + lifetimes.hostAwayMs)
  return atItsDeadline({ ...state, hostAwayUntilMs })
}

/** With the deadline of a room that waits without a guest; other rooms keep theirs. */
function atItsDeadline(state: RoomState): RoomState {
  if (state.phase !== 'waiting' || state.guestHash !== undefined) return state
  return { ...state, deadlineMs: Math.min(state.waitsUntilMs, state.hostAwayUntilMs ?? Infinity) }
}

/** Which seat's token a client shows: `none` when it shows no token, `wrong` when the token fits no seat. */
export type Claim = Seat | 'none' | 'wrong'

/**
 * The seat that a client gets, or `undefined` when there is none for it; the reason is not disclosed. The holder of a token
 * gets its own seat back. Without a token only the guest's seat is given, while it is empty and not reserved.
 */
export function chooseSeat(
  state: RoomState,
  claim: Claim,
  guestPresent: boolean,
  nowMs: number,
): Seat | undefined {
  if (nowMs >= state.deadlineMs) return undefined
  if (claim === 'host' || claim === 'guest') return claim
  if (claim === 'wrong' || guestPresent || isReserved(state)) return undefined
  return 'guest'
}

/** The guest's seat belongs to the one that proved to the host that it knows the code. */
function isReserved(state: RoomState): boolean {
  return state.phase === 'met' || state.saidMet.host
}

/** A new guest takes the seat. It has `confirmMs`, even if the host does not come back. */
export function seatGuest(
  state: RoomState,
  guestHash: Uint8Array,
  lifetimes: RoomLifetimes,
  nowMs: number,
): RoomState {
  return { ...freeGuestSeat(state), guestHash, guestLeft: false, deadlineMs: nowMs + lifetimes.confirmMs }
}

/**
 * The guest's seat is free for another. The room waits no longer than it would have without that guest, and what the host sent to it
 * no longer counts: strangers who come and leave must not use up what the host may send.
 */
export function freeGuestSeat(state: RoomState): RoomState {
  return atItsDeadline({
    ...state,
    phase: 'waiting',
    saidMet: NOBODY_MET,
    guestHash: undefined,
    guestLeft: state.guestHash !== undefined || state.guestLeft,
    sent: { host: isFirst(state) ? state.sent.host : NOTHING_SENT, guest: NOTHING_SENT },
  })
}

/** No guest has come yet, so what the host has sent is kept for the first one. */
function isFirst(state: RoomState): boolean {
  return state.guestHash === undefined && !state.guestLeft
}

/** Both sides have been told of each other: the time for confirming the keys begins. */
export function markPaired(state: RoomState, lifetimes: RoomLifetimes, nowMs: number): RoomState {
  if (state.phase !== 'waiting') return state
  return { ...state, phase: 'paired', deadlineMs: nowMs + lifetimes.confirmMs }
}

/** A side confirmed the keys; the room is `met` once both have. `undefined`: the two were not paired yet. */
export function markMet(
  state: RoomState,
  seat: Seat,
  lifetimes: RoomLifetimes,
  nowMs: number,
): RoomState | undefined {
  if (state.phase === 'waiting') return undefined
  if (state.saidMet[seat]) return state
  const saidMet = { ...state.saidMet, [seat]: true }
  if (!saidMet.host || !saidMet.guest) return { ...state, saidMet }
  return { ...state, saidMet, phase: 'met', deadlineMs: nowMs + lifetimes.metMs }
}

/**
 * What becomes of a room whose deadline has passed. `free`: its guest did not confirm the keys in time and loses the seat, so that
 * one who only sits there costs the host nothing but time; the room waits on. `end`: it is over.
 */
export function atDeadline(state: RoomState, nowMs: number): 'free' | 'end' {
  const guestIsLate = state.phase !== 'met' && state.guestHash !== undefined
  return guestIsLate && freeGuestSeat(state).deadlineMs > nowMs ? 'free' : 'end'
}

/** Counts one frame of `bytes` from a side. Returns the reason to close its socket when that exceeds a limit. */
export function countFrame(sent: Sent, bytes: number): Sent | Closing {
  if (bytes > MAX_FRAME_BYTES) return 'too_big'
  const total = { frames: sent.frames + 1, bytes: sent.bytes + bytes }
  return total.frames > MAX_SIDE_FRAMES || total.bytes > MAX_SIDE_BYTES ? 'policy' : total
}

/**
 * Where a binary frame goes. `keep`: until the holder of the other seat is there. `drop`: what a host sends after its guest
 * left is an answer to that guest; the next one must not receive it ahead of its own meeting.
 */
export function routeFrame(state: RoomState, from: Seat, otherListens: boolean): 'relay' | 'keep' | 'drop' {
  if (otherListens) return 'relay'
  return from === 'host' && state.guestHash === undefined && state.guestLeft ? 'drop' : 'keep'
}

/**
 * What becomes of a seat whose socket has closed. `onPurpose`: with a Close frame; otherwise the connection broke, and the
 * holder of the token may come back. `hold`: the seat is kept for that. `free`: any guest may take it. `end`: the room is over.
 */
export function seatAfterClose(
  state: RoomState,
  seat: Seat,
  onPurpose: boolean,
  otherPresent: boolean,
): 'hold' | 'free' | 'end' {
  if (state.phase === 'met') return onPurpose && !otherPresent ? 'end' : 'hold'
  if (seat === 'guest') return isReserved(state) && !onPurpose ? 'hold' : 'free'
  return onPurpose ? 'end' : 'hold'
}
