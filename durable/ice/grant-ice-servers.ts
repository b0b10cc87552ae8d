/**
 * ICE servers for a seated pair, by what the operator has set: Cloudflare Realtime TURN, a coturn with a shared secret, or a
 * plain STUN list. Each side gets credentials of its own that die within an hour; relayed bytes are what costs an edge money.
 */
import * as z from 'zod/mini'
import type { RoomIceServer } from '../../protocol/meeting/room.ts'

/** The operator's vars and secrets, all optional. */
export interface IceSettings {
  /** STUN URLs, separated by commas. */
  readonly STUN_URLS?: string
  /** TURN URLs of a coturn with `use-auth-secret`, separated by commas, the preferred one first. */
  readonly TURN_URLS?: string
  readonly TURN_SECRET?: string
  readonly TURN_KEY_ID?: string
  readonly TURN_KEY_API_TOKEN?: string
}

/** What one side is given. `relay`: a TURN server is among them. */
export type IceGrant = {
  readonly servers: RoomIceServer[]
  readonly relay: boolean
  /** Until then a side that comes back is given the same; after 80 % of the credentials' life it gets new ones. */
  readonly refreshAtMs: number
}

/** One way to come by ICE servers. Asked once for each side of a pair; rejects when its service does not answer. */
export type IceProvider = (nowMs: number) => Promise<IceGrant>

/** Life of a credential: long enough for a meeting and a long transfer; a relay that ends is replaced by a new meeting. */
const LIFE_SECONDS = 3_600

function refreshAt(nowMs: number): number {
  return nowMs + LIFE_SECONDS * 800
}

/** How long a pair may wait for the TURN service before it meets without a relay. */
const TIMEOUT_MS = 3_000

/** More servers than this only cost the agents time. */
const MAX_SERVERS = 8

/** Grants for one side; falls back to plain STUN, with `relay: false`, when the TURN service does not answer in time. */
export async function grantIceServers(
  settings: IceSettings,
  nowMs: number,
  send: typeof fetch = fetch,
): Promise<IceGrant> {
  try {
    return await iceProvider(settings, send)(nowMs)
  } catch {
    // A meeting without a relay is better than none, and `relay: false` says so to both sides.
    return await stunOnly(settings)(nowMs)
  }
}

/** The provider that the settings name. */
export function iceProvider(settings: IceSettings, send: typeof fetch): IceProvider {
  const { TURN_KEY_ID: keyId, TURN_KEY_API_TOKEN: apiToken, TURN_URLS: urls, TURN_SECRET: secret } = settings
  if (keyId && apiToken) return cloudflareTurn(keyId, apiToken, send)
  if (urls && secret) return coturn(urls, secret, settings)
  return stunOnly(settings)
}

/** The static list. werift takes the first STUN and the first TURN URL it finds, so each URL is an entry, in order. */
function stunOnly(settings: IceSettings): IceProvider {
  const servers = listUrls(settings.STUN_URLS, /^stuns?:/).map((url) => ({ urls: [url] }))
  return (nowMs) => Promise.resolve({ servers, relay: false, refreshAtMs: refreshAt(nowMs) })
}

/**
 * The "TURN REST API" of coturn (its README.turnserver, `--use-auth-secret`): the user name is `<expiry>:<id>` with the expiry
 * in Unix seconds, the password base64(HMAC-SHA1(secret, user name)). The id is random: it says nothing about room or side.
 */
function coturn(turnUrls: string, secret: string, settings: IceSettings): IceProvider {
  return async (nowMs) => {
    const expiresAt = Math.floor(nowMs / 1_000) + LIFE_SECONDS
    const username = `${expiresAt}:${crypto.randomUUID()}`
    const credential = await hmacSha1(secret, username)
    const turn = listUrls(turnUrls, /^turns?:/).map((url) => ({ urls: [url], username, credential }))
    const stun = (await stunOnly(settings)(nowMs)).servers
    return {
      servers: [...stun, ...turn].slice(0, MAX_SERVERS),
      relay: turn.length > 0,
      refreshAtMs: refreshAt(nowMs),
    }
  }
}

const cloudflareAnswer = z.object({
  iceServers: z
    .array(
      z.object({
        urls: z.array(z.string().check(z.maxLength(512))).check(z.maxLength(16)),
        username: z.optional(z.string().check(z.maxLength(512))),
        credential: z.optional(z.string().check(z.maxLength(512))),
      }),
    )
    .check(z.maxLength(16)),
})

/** Cloudflare Realtime TURN: one request a side, answered 201 with STUN and TURN URLs under one credential. */
function cloudflareTurn(keyId: string, apiToken: string, send: typeof fetch): IceProvider {
  return async (nowMs) => {
    const url = `https://rtc.live.cloudflare.com/v1/turn/keys/${encodeURIComponent(keyId)}/credentials/generate-ice-servers`
    const response = await send(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ttl: LIFE_SECONDS }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (response.status !== 201) throw new TurnUnavailable(response.status)
    const { iceServers } = z.parse(cloudflareAnswer, await response.json())
    const servers = iceServers
      .flatMap(({ urls, ...login }) => urls.map((one) => ({ urls: [one], ...login })))
      .filter(({ urls: [one = ''] }) => USABLE.test(one))
      .toSorted((a, b) => preference(a.urls[0] ?? '') - preference(b.urls[0] ?? ''))
      .slice(0, MAX_SERVERS)
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

/** Port 53 is blocked by browsers and swallowed by many networks: waiting for it only costs time. */
const USABLE = /^(stun|turn)s?:(?!.*:53(\?|$))/

/** The cheapest path first: STUN, TURN over UDP, over TCP, over TLS. */
function preference(url: string): number {
  if (url.startsWith('stun')) return 0
  if (url.startsWith('turns:')) return 3
  return url.includes('transport=tcp') ? 2 : 1
}

function listUrls(list: string | undefined, scheme: RegExp): string[] {
  const urls = (list ?? '').split(',').map((url) => url.trim())
  return urls.filter((url) => scheme.test(url)).slice(0, MAX_SERVERS)
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
