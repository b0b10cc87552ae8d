/** What two programs must agree on before anything else: the protocol version and the names of capabilities (PROTOCOL.md section 6). */
import * as z from 'zod/mini'

/** Both sides must have the same version. */
export const PROTOCOL_VERSION = 1

/** Most capabilities that one side may name. */
const MAX_CAPABILITIES = 16

/** The capabilities of one side, in associated data and in `hello`; unknown names are ignored. */
export const capabilityNames = z
  .array(z.string().check(z.regex(/^[a-z0-9-]{1,32}$/)))
  .check(z.maxLength(MAX_CAPABILITIES))
