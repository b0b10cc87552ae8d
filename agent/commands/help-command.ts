/** `voltdrop help [COMMAND]`: what can be typed, on stdout. */
import { VoltdropError } from '../../protocol/errors.ts'
import { DEFAULT_WORDS } from '../../protocol/meeting/phrase.ts'
import type { Context } from '../context.ts'
import { escapeText } from '../terminal/escape.ts'

const general = `voltdrop hands a file from one server to another directly, and proves that it arrived.

  voltdrop send FILE                     offer a file; prints the code for the other side
  voltdrop send --batteries [FILTERS]    fetch the edge's battery catalogue as a file, and send it
  voltdrop receive [CODE]                take the file that waits under a code; asks for the code when none is given
  voltdrop export batteries|products     fetch a catalogue as a file
  voltdrop import FILE                   bring rows into the edge's catalogue
  voltdrop edge                          run the edge on this machine
  voltdrop help COMMAND                  the options of a command
  voltdrop --version

Everywhere
  --json          events as NDJSON on stdout        -q, --quiet   only the code and errors
  --debug         causes of errors on stderr        NO_COLOR      is obeyed

Exit codes
  0 verified and saved    1 internal              2 usage                 3 nobody there, or no edge
  4 wrong code            5 declined              6 no path               7 interrupted
  8 damaged or altered    9 local file            10 other version        130 stopped by you
`

const edge = `  --edge URL           the edge (VOLTDROP_EDGE; default http://127.0.0.1:8787)
`

const route = `${edge}  --ice-server URL     stun: or turn: server to use instead of the edge's; may be repeated
                       (VOLTDROP_ICE_USERNAME and VOLTDROP_ICE_CREDENTIAL belong to its turn: servers)
  --ice-file FILE      the same as JSON: [{"urls": ["turn:..."], "username": "...", "credential": "..."}]
  --transport NAME     fast (default) or werift, the library's own data path, should the fast one ever fail
  --relay-only         never show this machine's addresses to the other side
  --timeout TIME       give up when nobody came after 90s, 5m, 1h
  --verify             ask for the verification string to be compared first
`

const catalogue = `  --format FORMAT      csv (default), ndjson, json or parquet
  --chemistry NAME     NMC, NCA, LFP, LCO, LTO and others
  --format-factor NAME cylindrical, prismatic, pouch, coin
  --manufacturer NAME
  --min-capacity MAH, --max-capacity MAH
  --filter NAME=VALUE  any other parameter of the edge's export; may be repeated
  -o, --out PATH       folder or new file name (default: the current folder)
`

const topics: Record<string, string> = {
  send: `voltdrop send FILE
voltdrop send --batteries|--products [FILTERS] [--format FORMAT] [--out PATH]

${route}  --words N            words in the code (default ${DEFAULT_WORDS}; 6 for machines that run unattended)

With --batteries or --products
${catalogue}`,
  receive: `voltdrop receive [CODE]

Without CODE it is asked for (Tab completes words) or, where nobody can be asked, read from standard input. CODE as an argument stands
in the shell's history: prefer the prompt, standard input, VOLTDROP_CODE or --code-file. A file is offered to you first;
--yes, or no terminal, accepts it without asking.

${route}  --code-file FILE     read the code from a file
  -o, --out PATH       folder or new file name (default: the current folder); nothing is ever overwritten
  -y, --yes            accept without asking
  --max-size SIZE      decline larger files, such as 500M or 2G
`,
  export: `voltdrop export batteries|products

Fetches the catalogue as a file, proves that it is whole, and writes NAME.manifest.json beside it.

${edge}${catalogue}`,
  import: `voltdrop import FILE

FILE is CSV (comma, semicolon or tab; decimal point or comma) or NDJSON, in UTF-8. Columns are those of the edge's export, with any
unit (nominal_voltage_v, "Mass (g)"). Every row is checked before anything is sent; rows that are there are brought up to date.
The token that may write comes from VOLTDROP_TOKEN or a file.

${edge}  --batteries, --products   what the rows are (default: a column sku makes them products)
  --dry-run            check only; with a token, also ask the edge what it would do
  --set NAME=VALUE     for every row that says nothing about NAME, such as kind=cell; may be repeated
  --clear-empty        an empty cell clears the field; otherwise it leaves the field alone
  --create-products    each battery gets the product of its own model, made where it is missing
  --token-file FILE    a file that only you may read (mode 0600)
`,
  edge: `voltdrop edge

The whole edge on this machine: catalogue, rooms and lobby. Needs Miniflare beside voltdrop.

  --port PORT          default 8787; 0 takes a free one
  --host ADDRESS       default 127.0.0.1; 0.0.0.0 lets other machines in
  --data FOLDER        default ~/.local/share/voltdrop
  --token-file FILE    the token that may write to it (or VOLTDROP_TOKEN); without one it is read only

From the environment: STUN_URLS, TURN_URLS with TURN_SECRET (coturn), TURN_KEY_ID with TURN_KEY_API_TOKEN (Cloudflare Realtime TURN),
WRITE_TOKEN_SHA256 (in place of the token itself), ALLOWED_ORIGINS (pages that may open rooms).
`,
  version: 'voltdrop --version\n',
}

/** @throws VoltdropError `usage` for a topic that is no command. */
export function help(topic: string | undefined, { print }: Context): void {
  const text = topic === undefined ? general : Object.hasOwn(topics, topic) ? topics[topic] : undefined
  if (text === undefined) throw new VoltdropError('usage', `there is no command ${escapeText(topic ?? '')}`)
  print(text)
}
