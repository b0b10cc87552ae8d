/** The command line of `voltdrop edge`. */
import { defineCommand } from '../define-command.ts'
import { optionalText, portNumber } from '../option-values.ts'
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
      parse: portNumber,
      default: '8787',
      help: 'TCP port; 0 takes a free one',
    },
    host: {
      name: 'host',
      argument: 'ADDRESS',
      default: '127.0.0.1',
      help: 'address to listen on; 0.0.0.0 lets other machines in',
    },
    data: {
      name: 'data',
      argument: 'FOLDER',
      help: 'folder for the data, instead of ~/.local/share/voltdrop',
    },
    dataHome: {
      environment: 'XDG_DATA_HOME',
      parse: optionalText,
      help: 'used instead of ~/.local/share, without --data',
    },
    ...tokenOptions,
  },
  settings: edgeSettings,
  examples: [{ line: 'voltdrop edge --host 0.0.0.0 --port 80', help: 'serves other machines' }],
  build: (values) => values,
})

export type EdgeCommand = ReturnType<typeof edgeOptions.read>
