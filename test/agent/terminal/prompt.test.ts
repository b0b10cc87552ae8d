/** Prompts, with a keyboard and a screen in memory. */
import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'node:test'
import { askCode, askYes, completeLastWord, readCode, readFirstLine } from '../../../agent/terminal/prompt.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { words } from '../../../protocol/meeting/words.ts'

const [first = '', second = ''] = words
const code = `7-${first}-${second}`
/** One typing mistake away from `first`, and not in the word list. */
const typo = first.slice(0, -1) + (first.endsWith('q') ? 'x' : 'q')

/** Types the next line whenever a prompt appears, and closes the input after the last one. */
function keyboard(lines: readonly string[]) {
  const input = new PassThrough()
  const output = new PassThrough()
  const answers = [...lines]
  let shown = ''
  output.on('data', (text: Buffer) => {
    shown += text.toString()
    if (!/\? .*$/.test(text.toString())) return
    const answer = answers.shift()
    if (answer === undefined) input.end()
    else input.write(`${answer}\n`)
  })
  return { keyboard: { input, output }, shown: () => shown }
}

const never = new AbortController().signal
function fails(code: string) {
  return (error: unknown) => error instanceof VoltdropError && error.code === code
}

test('the prompt answers a typo with the nearest word and asks again', async () => {
  const typed = keyboard([`7-${typo}-${second}`, code])
  const read = await askCode(typed.keyboard, never)
  assert.equal(read.words.reveal(), `${first}-${second}`)
  assert.match(typed.shown(), new RegExp(`word 1 .*${first}`))
})

test('the prompt gives up after five answers that are not a code', async () => {
  const typed = keyboard(['1', '2', '3', '4', '5', code])
  await assert.rejects(askCode(typed.keyboard, never), fails('bad_code'))
})

test('the end of input and an interruption cancel a prompt', async () => {
  await assert.rejects(askCode(keyboard([]).keyboard, never), fails('cancelled'))
  const silent = { input: new PassThrough(), output: new PassThrough() }
  const interruption = new AbortController()
  let shown = ''
  silent.output.on('data', (text: Buffer) => (shown += text.toString()))
  const asked = askYes(silent, 'accept?', 'yes', interruption.signal)
  interruption.abort()
  await assert.rejects(asked, fails('cancelled'))
  assert.match(shown, /accept\?.*\n$/s, 'what is printed next is on a line of its own')
})

test('Ctrl-\\ is a key at a prompt, and cancels it', async () => {
  const { keyboard: typed } = keyboard(['\x1c', 'y'])
  Object.assign(typed.output, { isTTY: true, columns: 80 })
  await assert.rejects(askYes(typed, 'accept?', 'yes', never), fails('cancelled'))
})

test('yes accepts, no declines, and plain Enter does what the prompt says', async () => {
  const answers = { y: true, YES: true, n: false, No: false }
  for (const enter of ['yes', 'no'] as const) {
    for (const [answer, accepted] of [...Object.entries(answers), ['', enter === 'yes'] as const]) {
      // oxlint-disable-next-line no-await-in-loop -- one prompt after the other
      assert.equal(await askYes(keyboard([answer]).keyboard, 'accept?', enter, never), accepted, answer)
    }
  }
})

test('any other answer is asked again, and five of them end the question without one', async () => {
  const typed = keyboard(['yse', 'maybe', 'n'])
  assert.equal(await askYes(typed.keyboard, 'same?', 'no', never), false)
  assert.equal(typed.shown().split('same?').length - 1, 3)
  const program = keyboard(['1', '2', '3', '4', '5', 'y'])
  await assert.rejects(askYes(program.keyboard, 'same?', 'no', never), fails('cancelled'))
})

test('what was typed before a question was shown is no answer to it', async () => {
  const typed = keyboard(['n'])
  typed.keyboard.input.write('\ny\n')
  assert.equal(await askYes(typed.keyboard, 'accept?', 'yes', never), false)
})

test('Tab completes the word under the cursor and nothing else', () => {
  const [found, prefix] = completeLastWord(`7-${first}-${second.slice(0, 3)}`)
  assert.equal(prefix, second.slice(0, 3))
  assert.ok(found.includes(second))
  assert.deepEqual(completeLastWord('7-'), [[], ''])
  assert.deepEqual(completeLastWord('7-zzz')[0], [])
})

test('the error for a code that no person typed gives the position of the typo and no word', () => {
  function refused(suggest: boolean): string {
    try {
      readCode(`7-${first}-${typo}`, suggest)
    } catch (error) {
      return error instanceof VoltdropError ? (error.detail ?? '') : String(error)
    }
    return assert.fail('accepted')
  }
  assert.match(refused(false), /word 2/)
  assert.doesNotMatch(refused(false), new RegExp(`${first}|${typo}`))
  assert.match(refused(true), new RegExp(`did you mean ${first}`))
})

test('the code is the first line of a pipe, and the rest is ignored', async () => {
  assert.equal(await readFirstLine(Readable.from(['7-a', '-b\r\nmore'])), '7-a-b')
  await assert.rejects(readFirstLine(Readable.from([])), fails('bad_code'))
  await assert.rejects(readFirstLine(Readable.from(['x'.repeat(10_000)])), fails('bad_code'))
})
