/** Why an address cannot be listened on, in words. */
import { VoltdropError } from '../../../protocol/errors.ts'
import { escapeText } from '../../terminal/escape.ts'
import { codeOf } from '../../files/system-errors.ts'
import { type Endpoint, endpointText } from '../access/addresses.ts'

export function listenFailure(error: unknown, { host, port }: Endpoint): VoltdropError {
  const name = escapeText(host)
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} is taken: choose another with --port`,
    EACCES: `port ${port} needs rights that this user does not have: choose one from 1024 on with --port`,
    EADDRNOTAVAIL: `this machine does not have the address ${name}: choose one of its own with --host`,
    EAFNOSUPPORT: `this machine has no IPv6, so it cannot listen on ${name}: choose another address with --host`,
    ENOTFOUND: `no address is known for ${name}: choose one of this machine with --host`,
    EAI_AGAIN: `the name ${name} cannot be looked up now: choose an address with --host`,
  }
  const code = codeOf(error) ?? ''
  const reason = Object.hasOwn(reasons, code)
    ? reasons[code]
    : `it cannot listen on ${endpointText({ host: name, port })}: ${code}`
  return new VoltdropError('not_possible_here', reason, { cause: error })
}
