/** The program at a real terminal, with a shell that has job control. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { agentsEdge, program, startAgent } from '../support/agents.ts'
import { refuseStaleBundle } from '../support/bundle.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A test fails when the terminal shows nothing of what it waits for during this time. */
const SILENCE_MS = 20_000

const missing = ['script', 'bash'].filter(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
)
const skip =
  process.platform !== 'linux' || missing.length > 0 ? `needs Linux with ${missing.join(' and ')}` : false

/** An interactive shell in a terminal of its own: script(1) of util-linux makes it. */
function shellAtTerminal(t: TestContext) {
  const child = spawn('script', ['-qec', 'bash --norc --noprofile -i', '/dev/null'], {
    env: { ...process.env, TERM: 'dumb' },
  })
  t.after(() => child.kill('SIGKILL'))
  let shown = ''
  let heard: () => void = () => {}
  child.stdout.on('data', (text: Buffer) => {
    shown += text.toString()
    heard()
  })
  return {
    type: (text: string) => child.stdin.write(text),
    /** Resolves once `pattern` is on the screen, with all that was shown up to there, which is forgotten. */
    shows: async (pattern: RegExp): Promise<string> => {
      const deadline = AbortSignal.timeout(SILENCE_MS)
      for (;;) {
        const found = pattern.exec(shown)
        if (found !== null) {
          const before = shown.slice(0, found.index)
          shown = shown.slice(found.index + found[0].length)
          return before
        }
        assert.ok(!deadline.aborted, `${pattern.source} is not in: ${shown}`)
        // oxlint-disable-next-line no-await-in-loop -- one piece after the other
        await new Promise<void>((resolve) => {
          heard = resolve
          deadline.addEventListener('abort', () => resolve(), { once: true })
        })
      }
    },
  }
}

test('after Ctrl-Z and fg the prompt goes on', { skip }, async (t) => {
  await refuseStaleBundle()
  const { type, shows } = shellAtTerminal(t)
  await shows(/[$#] $/)
  type(`'${process.execPath}' '${program}' receive\n`)
  await shows(/code\? +/)
  type('\u001a')
  await shows(/Stopped/)
  await shows(/[$#] $/)
  type('fg\n')
  await shows(/code\? +/)
  type('no code\n')
  await shows(/begins with the number of the room/)
  await shows(/code\? +/)
  type('\u0003')
  await shows(/Interrupted by the user/)
  type('echo "exit $?"\n')
  await shows(/exit 130/)
})

test(
  'with --verify nothing is offered or saved when the other side leaves before the answer',
  { skip },
  async (t) => {
    const edge = await agentsEdge()
    t.after(() => edge.close())
    const folder = await temporaryFolder(t)
    const file = path.join(folder, 'a.txt')
    await writeFile(file, 'hello')
    const sender = startAgent(t, ['send', file, '--edge', edge.url.origin])
    const { code } = await sender.event('code')
    const { type, shows } = shellAtTerminal(t)
    await shows(/[$#] $/)
    const options = `receive --verify --yes --edge ${edge.url.origin} -o '${folder}/in/'`
    type(`XDG_STATE_HOME='${folder}' VOLTDROP_CODE=${code} '${process.execPath}' '${program}' ${options}\n`)
    await shows(/\[y\/N\]/)
    await sender.event('offer')
    sender.child.kill('SIGINT')
    const said = await shows(/the other side was\s+stopped/)
    assert.doesNotMatch(said, /offered|saved/)
    assert.deepEqual(await readdir(path.join(folder, 'in')), [])
  },
)
