/** The address of a STUN or TURN server, as the edge hands it out and as a user types it. */

/** Host and port of a URI of RFC 7064 or RFC 7065: without anything that those do not have, such as credentials. */
const HOST = String.raw`[\w.:[\]-]{1,255}`
const TRANSPORT = String.raw`(?:\?transport=(?:udp|tcp))?`

export const ICE_SERVER_URL = new RegExp(`^(?:stuns?|turns?):${HOST}${TRANSPORT}$`)
export const STUN_SERVER_URL = new RegExp(`^stuns?:${HOST}$`)
export const TURN_SERVER_URL = new RegExp(`^turns?:${HOST}${TRANSPORT}$`)
