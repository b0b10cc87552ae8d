/** The user's own ICE servers, from the command line and a file. Credentials are never in argv and never printed. */
import * as z from 'zod/mini'
import type { IceServer } from '../../peer/channel.ts'
import { VoltdropError } from '../../protocol/errors.ts'
import { MAX_ICE_SERVER_URLS, MAX_ICE_SERVERS, MAX_ICE_TEXT_CHARACTERS } from '../../protocol/meeting/room.ts'
import { hasRelay } from '../../transport/ice/chosen-servers.ts'
import { iceServerUrl } from '../command-line/option-values.ts'
import type { Route } from '../command-line/arguments.ts'
import { readGuarded } from '../files/private/secret-file.ts'

const text = z.string().check(z.minLength(1), z.maxLength(MAX_ICE_TEXT_CHARACTERS))
const iceFile = z
  .array(
    z.strictObject({
      urls: z.union([text, z.array(text).check(z.minLength(1), z.maxLength(MAX_ICE_SERVER_URLS))]),
      username: z.optional(text),
      credential: z.optional(text),
    }),
  )
  .check(z.minLength(1), z.maxLength(MAX_ICE_SERVERS))

/**
 * The servers that replace the edge's, in the order given; undefined when the user named none.
 * @throws VoltdropError `not_possible_here` for a file that is not such a list or shows credentials to others, `source_unreadable`,
 * `no_path` when only a relay may be used and none is among them.
 */
export async function ownIceServers(
  route: Pick<Route, 'iceServerUrls' | 'iceFile' | 'iceUsername' | 'iceCredential' | 'relayOnly'>,
): Promise<readonly IceServer[] | undefined> {
  const username = route.iceUsername
  const credential = route.iceCredential?.reveal()
  const named = route.iceServerUrls.map((url): IceServer =>
    url.startsWith('turn') ? { urls: [url], username, credential } : { urls: [url] },
  )
  const listed = route.iceFile === undefined ? [] : await readIceFile(route.iceFile)
  const all = [...named, ...listed]
  if (all.length === 0) return undefined
  // As the W3C's RTCPeerConnection, which throws InvalidAccessError.
  if (all.some((server) => isTurn(server) && !hasRelay([server])))
    throw new VoltdropError(
      'not_possible_here',
      'a turn: server needs VOLTDROP_ICE_USERNAME and VOLTDROP_ICE_CREDENTIAL, or both in --ice-file',
    )
  requireRelay(all, route.relayOnly)
  // Whom the user names he trusts with more than the edge's.
  return all.map((server) => ({ ...server, mayLearnHosts: true }))
}

function isTurn({ urls }: IceServer): boolean {
  return urls.some((url) => url.startsWith('turn'))
}

/** A list without credentials may be readable by others. */
async function readIceFile(path: string): Promise<readonly IceServer[]> {
  const { text: json, exposure } = await readGuarded(path)
  const servers = parseIceFile(json)
  if (exposure !== undefined && servers.some(({ credential }) => credential !== undefined))
    throw new VoltdropError('not_possible_here', exposure)
  return servers
}

/**
 * With `relayOnly` a relay must be among `servers`.
 * @throws VoltdropError `no_path`.
 */
export function requireRelay(servers: readonly IceServer[], relayOnly: boolean): void {
  if (relayOnly && !hasRelay(servers))
    throw new VoltdropError(
      'no_path',
      '--relay-only, but there is no TURN server with user name and password',
    )
}

/** The list in `json`. Its text is not repeated in an error: it contains credentials. */
export function parseIceFile(json: string): readonly IceServer[] {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw new VoltdropError('not_possible_here', '--ice-file is not JSON')
  }
  const checked = z.safeParse(iceFile, value)
  if (!checked.success)
    throw new VoltdropError('not_possible_here', '--ice-file is not a list of ICE servers')
  return checked.data.map(({ urls, username, credential }) => ({
    urls: (typeof urls === 'string' ? [urls] : urls).map((url) => iceServerUrl(url, '--ice-file')),
    username,
    credential,
  }))
}
