/** How long a room exists in each of its phases (PROTOCOL.md section 1). An edge may set others by its vars. */

/** Until its guest comes, unless its host asks for another time: 10 minutes. */
export const ROOM_WAIT_SECONDS = 600
/** The longest time that a host may ask for: a day. */
export const ROOM_MAX_WAIT_SECONDS = 86_400
/** While it waits, without its host: 10 minutes. Whoever wants to hold a number for longer has to be there. */
export const ROOM_HOST_AWAY_SECONDS = 600
/**
 * From pairing until the keys are confirmed. The two programs need no more than a few round trips; the rest is for a side whose
 * connection broke and that comes back.
 */
export const ROOM_CONFIRM_SECONDS = 30
/** From then until its end. */
export const ROOM_MET_SECONDS = 600
