/**
 * Grants ICE servers to a seated pair, according to the operator's settings: Cloudflare Realtime TURN, a coturn with a shared
 * secret, or a plain STUN list. Each side gets its own credentials, which expire within an hour: relayed bytes cost money.
 */
import * as z from 'zod/mini'
import { ICE_SERVER_URL } from '../../protocol/meeting/ice-server-url.ts'
import { MAX_ICE_TEXT_CHARACTERS, iceLogin, type RoomIceServer } from '../../protocol/meeting/room.ts'

/** The operator's vars and secrets for STUN and TURN, all optional. */
export interface IceSettings {
  /** STUN URLs, separated by commas. */
  readonly STUN_URLS?: string
  /** TURN URLs of a coturn with `use-auth-secret`, separated by commas, the preferred one first. */
  readonly TURN_URLS?: string
  /** The `static-auth-secret` of that coturn. */
  readonly TURN_SECRET?: string
  /** A TURN key of Cloudflare Realtime; it takes precedence over coturn. */
  readonly TURN_KEY_ID?: string
  readonly TURN_KEY_API_TOKEN?: string
}

/** The ICE servers of one side. `relay`: a TURN server is among them. */
export type IceGrant = {
  readonly servers: RoomIceServer[]
  readonly relay: boolean
  /** A side that comes back gets the same servers until then, and new credentials after; Unix time in milliseconds. */
  readonly refreshAtMs: number
}

/** A source of ICE servers. Called once for each side of a pair; rejects when its service does not answer. */
type IceProvider = (nowMs: number) => Promise<IceGrant>

/** Lifetime of a credential: enough for a meeting and a long transfer. A relay that expires is replaced by a new meeting. */
const CREDENTIAL_LIFE_SECONDS = 3_600

/** The share of that life after which a side gets new credentials. */
const REFRESH_AFTER = 0.8

/** How long a pair waits for the TURN service before it meets without a relay. */
const TURN_SERVICE_TIMEOUT_MS = 3_000

const TURN_SCHEME = /^turns?:/

/** With more servers than this an agent only takes longer to gather candidates. */
const MAX_GRANTED_SERVERS = 8

function refreshAt(nowMs: number): number {
  return nowMs + CREDENTIAL_LIFE_SECONDS * 1_000 * REFRESH_AFTER
}

/** The grant of one side; plain STUN with `relay: false` when the TURN service does not answer in time. */
export async function grantIceServers(
  settings: IceSettings,
  nowMs: number,
  send: typeof fetch = fetch,
): Promise<IceGrant> {
  try {
    return await iceProvider(settings, send)(nowMs)
  } catch {
    // A meeting without a relay is better than none, and `relay: false` tells both sides.
    return await stunOnly(settings)(nowMs)
  }
}

/** True when these settings name TURN servers, which does not mean that their service answers. */
export function hasRelay(settings: IceSettings): boolean {
  const { TURN_KEY_ID: keyId, TURN_KEY_API_TOKEN: apiToken, TURN_URLS: urls, TURN_SECRET: secret } = settings
  return Boolean((keyId && apiToken) || (secret && listUrls(urls, TURN_SCHEME).length > 0))
}

function iceProvider(settings: IceSettings, send: typeof fetch): IceProvider {
  const { TURN_KEY_ID: keyId, TURN_KEY_API_TOKEN: apiToken, TURN_URLS: urls, TURN_SECRET: secret } = settings
  if (keyId && apiToken) return cloudflareTurn(keyId, apiToken, send)
  if (urls && secret) return coturn(urls, secret, settings)
  return stunOnly(settings)
}

/** The static list. Each URL is an entry of its own, because werift takes only the first STUN and the first TURN URL it finds. */
function stunOnly(settings: IceSettings): IceProvider {
  const servers = listUrls(settings.STUN_URLS, /^stuns?:/).map((url) => ({ urls: [url] }))
  return (nowMs) => Promise.resolve({ servers, relay: false, refreshAtMs: refreshAt(nowMs) })
}

/**
 * The "TURN REST API" of coturn (its README.turnserver, `--use-auth-secret`): the user name is `<expiry>:<id>` with the expiry
 * in Unix seconds, the password base64(HMAC-SHA1(secret, user name)). The id is random, so it discloses neither room nor side.
 */
function coturn(turnUrls: string, secret: string, settings: IceSettings): IceProvider {
  return async (nowMs) => {
    const expiresAt = Math.floor(nowMs / 1_000) + CREDENTIAL_LIFE_SECONDS
    const username = `${expiresAt}:${crypto.randomUUID()}`
    const credential = await hmacSha1(secret, username)
    const turn = listUrls(turnUrls, TURN_SCHEME).map((url) => ({ urls: [url], username, credential }))
    const { servers: named } = await stunOnly(settings)(nowMs)
    const stun = named.length > 0 ? named : listUrls(turnUrls, UDP_TURN).map(asStun)
    return {
      servers: [...stun, ...turn].slice(0, MAX_GRANTED_SERVERS),
      relay: turn.length > 0,
      refreshAtMs: refreshAt(nowMs),
    }
  }
}

const UDP_TURN = /^turn:[^?]+(?:\?transport=udp)?$/

/**
 * A coturn answers STUN at the same port. Without reflexive candidates two sides behind NATs have no direct path, and a relay is not
 * told of a side that names nothing but its own addresses.
 */
function asStun(turnUrl: string): RoomIceServer {
  return { urls: [turnUrl.replace(/^turn/, 'stun').replace(/\?.*$/, '')] }
}

const cloudflareAnswer = z.object({
  iceServers: z
    .array(
      z.object({
        urls: z.array(z.string().check(z.maxLength(MAX_ICE_TEXT_CHARACTERS))).check(z.maxLength(16)),
        username: z.optional(iceLogin),
        credential: z.optional(iceLogin),
      }),
    )
    .check(z.maxLength(16)),
})

/** Cloudflare Realtime TURN: one request for each side, answered with 201 and STUN and TURN URLs under one credential. */
function cloudflareTurn(keyId: string, apiToken: string, send: typeof fetch): IceProvider {
  return async (nowMs) => {
    const url = `https://rtc.live.cloudflare.com/v1/turn/keys/${encodeURIComponent(keyId)}/credentials/generate-ice-servers`
    const response = await send(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ttl: CREDENTIAL_LIFE_SECONDS }),
      signal: AbortSignal.timeout(TURN_SERVICE_TIMEOUT_MS),
    })
    if (response.status !== 201) throw new TurnUnavailable(response.status)
    const { iceServers } = z.parse(cloudflareAnswer, await response.json())
    const servers = iceServers
      .flatMap(({ urls, ...login }) => urls.map((one) => ({ urls: [one], ...login })))
      .filter(({ urls: [one = ''] }) => ICE_SERVER_URL.test(one) && !PORT_53.test(one))
      .toSorted((a, b) => preference(a.urls[0] ?? '') - preference(b.urls[0] ?? ''))
      .slice(0, MAX_GRANTED_SERVERS)
    const relay = servers.some(({ urls: [one = ''] }) => one.startsWith('turn'))
    return { servers, relay, refreshAtMs: refreshAt(nowMs) }
  }
}

class TurnUnavailable extends Error {
  override readonly name = 'TurnUnavailable'
  constructor(status: number) {
    super(`the TURN service answered ${status}`)
  }
}

/** Browsers block it and many networks drop it, so trying it only costs time. */
const PORT_53 = /:53(?:\?|$)/

/** Sorts the cheapest path first: STUN, then TURN over UDP, over TCP, over TLS. */
function preference(url: string): number {
  if (url.startsWith('stun')) return 0
  if (url.startsWith('turns:')) return 3
  return url.includes('transport=tcp') ? 2 : 1
}

/** The URLs of one kind in a setting. One that agents would refuse is left out: it would end every meeting. */
function listUrls(list: string | undefined, scheme: RegExp): string[] {
  const urls = (list ?? '').split(',').map((url) => url.trim())
  return urls.filter((url) => scheme.test(url) && ICE_SERVER_URL.test(url)).slice(0, MAX_GRANTED_SERVERS)
}

async function hmacSha1(secret: string, text: string): Promise<string> {
  const encoder = new TextEncoder()
  const key = await crypto.subtle.importKey(
    'raw',
    encoder.encode(secret),
    { name: 'HMAC', hash: 'SHA-1' },
    false,
    ['sign'],
  )
  return btoa(
    String.fromCharCode(...new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)))),
  )
}
