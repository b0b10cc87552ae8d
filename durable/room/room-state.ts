/**
 * The rules of a room as pure functions: who may sit down, what a side may send, what a departure means, when time is up.
 * room.ts is the shell around them: it owns the sockets, the storage and the clock.
 */
import {
  type Closing,
  MAX_FRAME_BYTES,
  MAX_SIDE_BYTES,
  MAX_SIDE_FRAMES,
  type Seat,
} from '../../protocol/meeting/room.ts'

/** What a side has sent in this room so far. */
export type Budget = { readonly frames: number; readonly bytes: number }

export const UNSPENT: Budget = { frames: 0, bytes: 0 }

/** How long a room stays in each phase, in milliseconds. */
export type Lifetimes = { readonly waitMs: number; readonly confirmMs: number; readonly metMs: number }

/**
 * All that a room remembers; it survives eviction in storage. `waiting`: not both seats were announced yet. `paired`: both
 * were, the keys are not confirmed. `met`: one side confirmed; the seats now belong to these two until the end.
 */
export type RoomState = {
  readonly number: number
  readonly phase: 'waiting' | 'paired' | 'met'
  /** SHA-256 of the owner's token. */
  readonly hostHash: Uint8Array
  /** SHA-256 of the token of the guest who holds the seat, whether its socket is open or not. */
  readonly guestHash: Uint8Array | undefined
  /** A guest sat here before and left: what the host still sends was meant for it. */
  readonly guestLeft: boolean
  readonly waitsUntilMs: number
  readonly deadlineMs: number
  /** What each side sent over sockets that are gone. */
  readonly spent: Readonly<Record<Seat, Budget>>
}

export function openRoom(
  number: number,
  hostHash: Uint8Array,
  lifetimes: Lifetimes,
  nowMs: number,
): RoomState {
  const waitsUntilMs = nowMs + lifetimes.waitMs
  return {
    number,
    phase: 'waiting',
    hostHash,
    guestHash: undefined,
    guestLeft: false,
    waitsUntilMs,
    deadlineMs: waitsUntilMs,
    spent: { host: UNSPENT, guest: UNSPENT },
  }
}

/** What a newcomer shows: the token of a seat, no token, or one that fits no seat. */
export type Claim = Seat | 'none' | 'wrong'

/**
 * The seat a newcomer gets, or `undefined` when the room has none for it; why not is nobody's business. The holder of a
 * token takes its own seat again. Without one there is only the guest's, and only while nobody is in it and nobody has met.
 */
export function chooseSeat(
  state: RoomState,
  claim: Claim,
  guestPresent: boolean,
  nowMs: number,
): Seat | undefined {
  if (nowMs >= state.deadlineMs) return undefined
  if (claim === 'host' || claim === 'guest') return claim
  if (claim === 'wrong' || guestPresent || state.phase === 'met') return undefined
  return 'guest'
}

/** A new guest takes the seat; it has `confirmMs` even if the host does not come back. */
export function seatGuest(
  state: RoomState,
  guestHash: Uint8Array,
  lifetimes: Lifetimes,
  nowMs: number,
): RoomState {
  return { ...freeGuest(state), guestHash, guestLeft: false, deadlineMs: nowMs + lifetimes.confirmMs }
}

/** The guest's seat is free for another: the room waits again, no longer than it would have without that guest. */
export function freeGuest(state: RoomState): RoomState {
  return {
    ...state,
    phase: 'waiting',
    guestHash: undefined,
    guestLeft: state.guestHash !== undefined || state.guestLeft,
    deadlineMs: state.waitsUntilMs,
    spent: { ...state.spent, guest: UNSPENT },
  }
}

/** Both seats are announced to both sides: the time for the key confirmation begins. */
export function pair(state: RoomState, lifetimes: Lifetimes, nowMs: number): RoomState {
  if (state.phase !== 'waiting') return state
  return { ...state, phase: 'paired', deadlineMs: nowMs + lifetimes.confirmMs }
}

/** One side confirmed the keys; the second report changes nothing. `undefined`: there was nobody to meet. */
export function meet(state: RoomState, lifetimes: Lifetimes, nowMs: number): RoomState | undefined {
  if (state.phase === 'waiting') return undefined
  if (state.phase === 'met') return state
  return { ...state, phase: 'met', deadlineMs: nowMs + lifetimes.metMs }
}

/** Charges one frame of `bytes` to a side; the closing that ends its socket when that is too much. */
export function spend(budget: Budget, bytes: number): Budget | Closing {
  if (bytes > MAX_FRAME_BYTES) return 'too_big'
  const spent = { frames: budget.frames + 1, bytes: budget.bytes + bytes }
  return spent.frames > MAX_SIDE_FRAMES || spent.bytes > MAX_SIDE_BYTES ? 'policy' : spent
}

/**
 * Where a binary frame goes. `keep` until the other seat's holder is there. `drop` what a host sends after its guest left:
 * it answers that guest, and the next one must not find it in front of its own meeting.
 */
export function route(state: RoomState, from: Seat, otherListens: boolean): 'relay' | 'keep' | 'drop' {
  if (otherListens) return 'relay'
  return from === 'host' && state.guestHash === undefined && state.guestLeft ? 'drop' : 'keep'
}

/**
 * What the room does when a seat's socket is gone. `onPurpose`: it said goodbye with a Close frame; otherwise the connection
 * broke and the holder of the token may come back. `free`: the seat is anybody's again; `end`: the room is over.
 */
export function departure(
  state: RoomState,
  seat: Seat,
  onPurpose: boolean,
  otherPresent: boolean,
): 'hold' | 'free' | 'end' {
  if (state.phase === 'met') return onPurpose && !otherPresent ? 'end' : 'hold'
  if (seat === 'guest') return 'free'
  return onPurpose ? 'end' : 'hold'
}
