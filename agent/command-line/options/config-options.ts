/** The command line of `voltdrop config`. */
import { defineCommand } from '../define-command.ts'
import { edgeUrl, usage } from '../option-values.ts'

export const configOptions = defineCommand({
  name: 'config',
  summary: 'show or set what is remembered: the edge to use',
  takes: 'nothing, or edge URL, or edge --unset',
  usage: ['', 'edge URL', 'edge --unset'],
  description:
    'Remembers the address of an edge, which send, receive, export and import then use without --edge. --edge and VOLTDROP_EDGE still win. Without arguments it shows what is remembered, and in which file.',
  positionals: {
    setting: { argument: 'edge', help: 'what is set' },
    address: { argument: 'URL', parse: edgeUrl, help: 'the address to remember' },
  },
  options: {
    unset: { name: 'unset', help: 'forget the address' },
  },
  settings: {
    XDG_CONFIG_HOME: "used instead of ~/.config, or the system's own place on macOS and Windows",
  },
  examples: [
    { line: 'voltdrop config edge https://edge.example', help: 'uses that edge from now on' },
    { line: 'voltdrop config edge --unset', help: 'asks for --edge again' },
  ],
  build({ setting, address, unset }) {
    if (setting !== undefined && setting !== 'edge')
      throw usage(`there is no setting ${setting}; there is edge`)
    if (unset && (setting === undefined || address !== undefined))
      throw usage('config takes edge URL, or edge --unset')
    return { change: address ?? (unset ? ('unset' as const) : undefined) }
  },
})

export type ConfigCommand = ReturnType<typeof configOptions.read>
