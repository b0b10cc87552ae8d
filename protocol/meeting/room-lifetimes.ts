/** How long a room exists in each of its phases (PROTOCOL.md section 1). An edge may set others by its vars. */

/** Until its guest comes: 10 minutes. */
export const ROOM_WAIT_SECONDS = 600
/** From pairing until the key is confirmed. */
export const ROOM_CONFIRM_SECONDS = 60
/** From then until its end. */
export const ROOM_MET_SECONDS = 600
