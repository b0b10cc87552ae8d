/**
 * How long a room lasts in each of its phases (PROTOCOL.md section 1). The room enforces these, and a sender counts on them.
 * The operator of an edge may set others: durable/room/room-settings.ts.
 */

/** A room waits this long for its guest. */
export const ROOM_WAIT_MS = 600_000

/** From pairing to the first `met`: the time in which two agents confirm their keys. */
export const ROOM_CONFIRM_MS = 60_000

/** From the first `met` to the end: the time for candidates. */
export const ROOM_MET_MS = 600_000
