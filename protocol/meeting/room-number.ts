/** The public number of a room, the first part of a code. Apart from room.ts, so that reading a code does not load the room's schemas. */

/** A room number in a code and in a URL: 1 to 999999, no leading zero. */
export const ROOM_NUMBER = /^[1-9]\d{0,5}$/
export const MAX_ROOM_NUMBER = 999_999
