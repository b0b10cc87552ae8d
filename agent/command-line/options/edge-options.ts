/** The command line of `voltdrop edge`. */
import { defineCommand } from '../define-command.ts'
import { type AddressRange, parseAddressRange } from '../../edge/access/addresses.ts'
import { optionalText, portNumber, refuse } from '../option-values.ts'
import { tokenOptions } from './shared-options.ts'

/** What an operator sets with wrangler for a deployed edge; the environment here, because argv would show the secrets. */
export const edgeSettings = {
  STUN_URLS: 'stun: servers for the two sides, separated by commas',
  TURN_URLS: 'turn: servers of a coturn, separated by commas',
  TURN_SECRET: "the coturn's static-auth-secret",
  TURN_KEY_ID: 'key of Cloudflare Realtime TURN',
  TURN_KEY_API_TOKEN: "that key's API token",
  WRITE_TOKEN_SHA256: 'SHA-256 of the token that may write, instead of the token itself',
  WRITE_TOKEN_SHA256_NEXT: 'SHA-256 of a second token that may write, while tokens are changed',
  ROOM_MAX_WAIT_SECONDS: 'longest --timeout for which this edge holds a room, in seconds; a day',
  ROOMS_PER_ADDRESS: 'rooms that one address may hold open; 10',
  ALLOWED_ORIGINS: 'origins of web pages that may open rooms',
} as const

/** Ports to which neither a browser nor this program's own client connects (WHATWG Fetch, "bad port"). */
export const BLOCKED_PORTS = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
  109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
  526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
  3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
])

/** A port that clients connect to. */
function servedPort(value: string, option: string): number {
  const port = portNumber(value, option)
  if (BLOCKED_PORTS.has(port))
    throw refuse(option, value, 'browsers connect to no edge on that port; choose another')
  return port
}

function filled(value: string, option: string): string {
  if (value.trim() === '') throw refuse(option, value, 'it is empty')
  return value
}

function proxyRange(value: string, option: string): AddressRange {
  const range = parseAddressRange(value)
  if (range === undefined)
    throw refuse(option, value, 'an address such as 10.0.0.7 or a network such as 10.0.0.0/8 is expected')
  return range
}

export const edgeOptions = defineCommand({
  name: 'edge',
  summary: 'run the edge on this machine',
  takes: 'options only',
  description:
    'Runs the whole edge on this machine: catalogue, rooms and lobby. It needs Miniflare, installed beside voltdrop. Ctrl-C stops it.',
  positionals: {},
  options: {
    port: {
      name: 'port',
      argument: 'PORT',
      parse: servedPort,
      default: '8787',
      help: 'TCP port; 0 takes a free one',
    },
    host: {
      name: 'host',
      argument: 'ADDRESS',
      parse: filled,
      default: '127.0.0.1',
      help: 'address to listen on; 0.0.0.0 lets other machines in',
    },
    proxies: {
      name: 'behind-proxy',
      argument: 'ADDRESS',
      parse: proxyRange,
      repeatable: true,
      help: 'believe X-Forwarded-For and -Proto of the proxy at ADDRESS, or in that network (10.0.0.0/8)',
    },
    data: {
      name: 'data',
      argument: 'FOLDER',
      parse: filled,
      help: 'folder for the data, instead of ~/.local/share/voltdrop',
    },
    workerd: {
      environment: 'MINIFLARE_WORKERD_PATH',
      parse: optionalText,
      help: 'the workerd to run, instead of the one that is installed with Miniflare',
    },
    ...tokenOptions,
  },
  settings: { XDG_DATA_HOME: 'used instead of ~/.local/share, without --data', ...edgeSettings },
  examples: [{ line: 'voltdrop edge --host 0.0.0.0 --port 80', help: 'serves other machines' }],
  build: (values) => values,
})

export type EdgeCommand = ReturnType<typeof edgeOptions.read>
