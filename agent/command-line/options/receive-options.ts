/** The command line of `voltdrop receive`. */
import { defineCommand } from '../define-command.ts'
import { pickValues } from '../option-table.ts'
import { sizeInBytes, usage } from '../option-values.ts'
import { networkSettings, outOption, routeOptions, type WithEdge } from './shared-options.ts'

export const receiveOptions = defineCommand({
  name: 'receive',
  summary: 'take the file that waits under a code; asks for the code',
  takes: 'one CODE',
  description:
    'Best without CODE: it asks for it (Tab completes words) or, where no one can be asked, reads it from standard input. A code on the command line stays in the shell history, and other users see it in the list of processes until the program has started: prefer the prompt, standard input, VOLTDROP_CODE or --code-file. The file is offered to you first; --yes, or no terminal, accepts it without asking.',
  positionals: {
    code: {
      argument: 'CODE',
      takesRest: true,
      environment: 'VOLTDROP_CODE',
      help: 'the code that the sender shows; its words with dashes or spaces between them',
    },
  },
  options: {
    codeFile: {
      name: 'code-file',
      argument: 'FILE',
      help: 'read the code from FILE, which only you may read (mode 0600), or from a pipe',
    },
    ...outOption,
    yes: { name: 'yes', short: 'y', help: 'accept the file without asking' },
    maxBytes: {
      name: 'max-size',
      argument: 'SIZE',
      parse: sizeInBytes,
      help: 'decline files larger than SIZE, such as 500M or 2G',
    },
    ...routeOptions,
  },
  sections: [{ heading: 'How the two sides reach each other', options: routeOptions }],
  settings: {
    XDG_STATE_HOME: 'used instead of ~/.local/state, where it is noted that a code was tried',
    LOCALAPPDATA: 'where that is noted on Windows',
    ...networkSettings,
  },
  examples: [
    { line: 'voltdrop receive', help: 'asks for the code and saves into the current folder' },
    {
      line: 'voltdrop receive --yes --out /srv/inbox/ --code-file code.txt',
      help: 'for a script: asks nothing',
    },
  ],
  build(values, typed) {
    const { code, codeFile, out, yes, maxBytes } = values
    const isTyped = typed.has('code')
    if (isTyped && codeFile !== undefined) throw usage('give CODE or --code-file, not both')
    return {
      ...pickValues(routeOptions, values),
      // A file that is named on the line is preferred to the environment.
      code: codeFile === undefined ? code : undefined,
      /** True when the code is on the line: only to a person who typed it may an error name the word that was probably meant. */
      isTyped,
      codeFile,
      out,
      yes,
      maxBytes,
    }
  },
})

export type ReceiveCommand = WithEdge<ReturnType<typeof receiveOptions.read>>
