/** The address of a STUN or TURN server, as the edge hands it out and as a user types it. */

/** A URI of RFC 7064 or RFC 7065, without anything that those do not have. */
export const ICE_SERVER_URL = /^(?:stuns?|turns?):[\w.:[\]-]{1,255}(?:\?transport=(?:udp|tcp))?$/
