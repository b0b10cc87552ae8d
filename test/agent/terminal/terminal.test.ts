/** What people and programs read while a command runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentEvent } from '../../../agent/terminal/events.ts'
import { createTerminal } from '../../../agent/terminal/create-terminal.ts'

/** Two screens in memory and a clock that the test moves. */
type Screen = { tty?: boolean; columns?: number; output?: object; environment?: Record<string, string> }

function screen(options: Screen = {}) {
  const written = { stdout: '', stderr: '' }
  const time = { ms: 0 }
  function sink(name: 'stdout' | 'stderr') {
    return {
      isTTY: options.tty === true,
      columns: options.columns ?? 80,
      write: (text: string) => (written[name] += text),
    }
  }
  const terminal = createTerminal({
    output: { json: false, quiet: false, debug: false, ...options.output },
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    environment: options.environment ?? {},
    now: () => time.ms,
  })
  return { terminal, written, time }
}

const code: AgentEvent = {
  t: 'code',
  this_machine_only: false,
  code: '7-copper-lantern',
  receive: 'voltdrop receive',
  expires_at: '2026-01-01T00:00:00Z',
}
function progress(bytes: number, total = 1000): AgentEvent {
  return {
    t: 'progress',
    role: 'sender',
    bytes,
    total,
    bytes_per_second: 100,
    eta_seconds: 9,
  }
}
const evil = 'a\u001b[2J\u202e\u0007.csv'
const done: AgentEvent = {
  t: 'done',
  role: 'receiver',
  name: evil,
  path: `/srv/${evil}`,
  exit: 0,
  bytes: 1,
  sha256: 'f'.repeat(64),
  crc32: 'cbf43926',
  seconds: 1,
  bytes_per_second: 1,
}
const everything: AgentEvent[] = [
  code,
  { t: 'waiting', expires_in_seconds: 600 },
  { t: 'peer', verify: 'a b c' },
  { t: 'path', kind: 'direct', protocol: 'udp', rtt_ms: 23 },
  { t: 'offer', role: 'receiver', name: evil, bytes: 1, own_name: `.${evil}`, save_as: evil },
  progress(1000),
  done,
  { t: 'exported', path: evil, bytes: 1, rows: 1, revision: 1, sha256: 'f'.repeat(64), crc32: 'cbf43926' },
  { t: 'fault', line: 3, column: evil, text: evil, remark: false },
  { t: 'fault', line: 4, column: 'model', text: 'odd', remark: true },
  { t: 'checked', rows: 2, faulty_rows: 1, faults: 1, remarks: 1 },
  { t: 'import_progress', rows: 2, total: 2, rows_per_second: 9 },
  {
    t: 'imported',
    dry_run: false,
    rows: 2,
    created: 1,
    updated: 1,
    unchanged: 0,
    products_created: 1,
    revision: 7,
  },
  { t: 'listening', url: 'http://127.0.0.1:1', others: [], data: evil, writable: true },
  { t: 'config', edge: evil, file: evil },
  { t: 'warning', text: evil },
  { t: 'error', code: 'file_exists', exit: 9, says: 'There.', detail: evil, next: 'Move it.' },
]

test('without --json, events go to stderr and nothing goes to stdout', () => {
  const { terminal, written } = screen()
  for (const event of everything) terminal.report(event)
  assert.equal(written.stdout, '')
  assert.match(written.stderr, / code +7-copper-lantern\n +receive +voltdrop receive\n/)
  assert.match(written.stderr, /path +direct \(udp, 23 ms\)/)
  assert.match(
    written.stderr,
    /offered +a\S+, 1 B\n +renamed +it is \.a\S+ at the sender[^\n]+\n +save as +a\S+\n/,
  )
})

test('a sender at an edge that only this machine reaches is told so', () => {
  for (const here of [true, false]) {
    const { terminal, written } = screen()
    terminal.report({ ...code, this_machine_only: here })
    assert.equal(written.stderr.includes('this machine only'), here)
  }
})

test('an edge says who reaches it', () => {
  function told(others: readonly string[]): string {
    const { terminal, written } = screen()
    terminal.report({ t: 'listening', url: 'http://192.0.2.1:80', others, data: '/d', writable: false })
    return written.stderr
  }
  assert.match(told([]), / for +this machine only; --host 0\.0\.0\.0 lets others in\n/)
  const two = ['http://192.0.2.7:80', 'http://[2001:db8::1]:80']
  assert.match(told(two), / others +http:\/\/192\.0\.2\.7:80\n +others +http:\/\/\[2001:db8::1\]:80\n/)
  assert.doesNotMatch(told(['http://192.0.2.1:80']), /others|this machine/)
})

test('control characters and bidirectional overrides in any event are escaped', () => {
  for (const output of [{}, { json: true }]) {
    const { terminal, written } = screen({ output })
    for (const event of everything) terminal.report(event)
    assert.doesNotMatch((written.stdout + written.stderr).replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
  }
})

test('--json prints one object a line on stdout, with the version first', () => {
  const { terminal, written } = screen({ output: { json: true } })
  for (const event of everything) terminal.report(event)
  assert.equal(written.stderr, '')
  const lines = written.stdout.trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line): unknown => JSON.parse(line)),
    everything.map((event) => ({ v: 1, ...event })),
  )
})

test('--quiet prints only faults and the error, and the code alone on stdout', () => {
  const { terminal, written } = screen({ output: { quiet: true }, tty: true })
  for (const event of everything) terminal.report(event)
  assert.equal(written.stdout, '7-copper-lantern\n')
  assert.match(written.stderr, /line 3[\s\S]*There\./)
  assert.doesNotMatch(written.stderr, /copper|path|done|exported|sending|line 4|imported/)
})

test('--quiet with --json leaves out progress and nothing else', () => {
  const { terminal, written } = screen({ output: { json: true, quiet: true } })
  for (const event of everything) terminal.report(event)
  const kinds = written.stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as AgentEvent).t)
  assert.deepEqual(
    kinds,
    everything.map(({ t }) => t).filter((t) => !t.endsWith('progress')),
  )
})

test('help and version go to stdout, whatever else is silenced', () => {
  const { terminal, written } = screen({ output: { quiet: true } })
  terminal.report({ t: 'help', text: 'Usage\n' })
  terminal.report({ t: 'version', version: '1.2.3' })
  assert.deepEqual(written, { stdout: 'Usage\nvoltdrop 1.2.3\n', stderr: '' })
})

test('counts are words where there are none, and one is not many', () => {
  const { terminal, written } = screen()
  terminal.report({ t: 'checked', rows: 1, faulty_rows: 0, faults: 0, remarks: 0 })
  terminal.report({ t: 'checked', rows: 1203, faulty_rows: 1, faults: 2, remarks: 1 })
  assert.match(written.stderr, / 1 row, no faults\n/)
  assert.match(written.stderr, / 1,203 rows, 2 faults in 1 row, 1 remark\n/)
})

test('an error has no double punctuation, whatever its detail is made of', () => {
  const { terminal, written } = screen()
  const detail = ': A parameter is wrong.; limit: too large.; : other.'
  terminal.report({ t: 'error', code: 'edge_refused', exit: 3, says: 'Refused.', detail, next: 'Read it.' })
  assert.match(written.stderr, /Refused\. \(A parameter is wrong; limit: too large; other\)\n/)
})

test('on a screen, lines break between words and a checksum or path stays whole', () => {
  const longPath = `/srv/${'p'.repeat(60)}/a.csv`
  const { terminal, written } = screen({ tty: true, columns: 40, environment: { NO_COLOR: '1' } })
  const next = 'The code may have expired, or the sender uses another edge: compare the addresses.'
  terminal.report({ t: 'error', code: 'no_such_room', exit: 3, says: 'No one.', detail: 'a b c', next })
  terminal.report({ ...done, path: longPath })
  const lines = written.stderr.trimEnd().split('\n')
  for (const line of lines)
    assert.ok(line.length <= 40 || !line.trim().includes(' ') || /sha256/.test(line), line)
  assert.ok(written.stderr.includes(longPath))
  assert.ok(written.stderr.includes('f'.repeat(64)))
  const log = screen()
  log.terminal.report({ t: 'error', code: 'no_such_room', exit: 3, says: 'No one.', detail: 'a b c', next })
  assert.equal(log.written.stderr.trimEnd().split('\n').length, 2, 'a log has lines of any length')
})

test('the time taken is printed in ms, seconds or minutes, by its length', () => {
  for (const [seconds, told] of [
    [0.0331, '33 ms'],
    [4.21, '4.2 s'],
    [750, '12:30'],
  ] as const) {
    const { terminal, written } = screen()
    terminal.report({ ...done, seconds })
    assert.ok(written.stderr.includes(` in ${told}, `), written.stderr)
  }
})

test('on a terminal progress is one redrawn line, removed before the next event', () => {
  const { terminal, written, time } = screen({ tty: true, environment: { NO_COLOR: '1' } })
  for (; time.ms < 1000; time.ms += 10) terminal.report(progress(time.ms))
  assert.equal(written.stderr.split('\r').length - 1, 10)
  assert.doesNotMatch(written.stderr, /\n/)
  terminal.report(done)
  assert.match(written.stderr, /\r\u001b\[K {2}done/)
})

test('on a narrow screen progress stays one line and keeps rate and remaining time', () => {
  for (const columns of [20, 40, 60, 80]) {
    const { terminal, written } = screen({ tty: true, columns })
    terminal.report(progress(500))
    const shown = written.stderr.replace('\r\u001b[K', '')
    assert.ok(shown.length < columns, shown)
    assert.match(shown, columns < 40 ? /^ {2}sending +50 %$/ : /50 % .*100 B\/s {2}ETA 0:09$/)
  }
  const { terminal, written } = screen({ tty: true })
  terminal.report(progress(1000))
  assert.doesNotMatch(written.stderr, /ETA/, 'nothing remains')
})

test('without a terminal progress is a new line for each tenth', () => {
  const { terminal, written, time } = screen()
  for (let bytes = 0; bytes <= 1000; bytes += 10) {
    time.ms += 10
    terminal.report(progress(bytes))
  }
  assert.equal(written.stderr.trimEnd().split('\n').length, 10)
  assert.doesNotMatch(written.stderr, /\r|\u001b/)
})

test('NO_COLOR and TERM=dumb disable colours', () => {
  for (const environment of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    const { terminal, written } = screen({ tty: true, environment })
    terminal.report(code)
    assert.doesNotMatch(written.stderr, /\u001b/)
  }
  const { terminal, written } = screen({ tty: true })
  terminal.report(code)
  assert.match(written.stderr, /\u001b\[1m/)
})

test('on a terminal the time that a code is valid counts down in place until the other side comes', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { terminal, written, time } = screen({ tty: true })
  function pass(ms: number): string {
    written.stderr = ''
    time.ms += ms
    t.mock.timers.tick(ms)
    return written.stderr
  }
  terminal.report({ t: 'waiting', expires_in_seconds: 5 })
  assert.match(written.stderr, /\r\u001b\[K {2}waiting .*\(expires in 0:05\)$/)
  assert.match(pass(1_000), /^\r\u001b\[K.*\(expires in 0:04\)$/)
  written.stderr = ''
  terminal.report({ t: 'warning', text: 'the connection broke' })
  assert.match(
    written.stderr,
    /^\r\u001b\[K {2}note +the connection broke\n\r\u001b\[K.*\(expires in 0:04\)$/,
  )
  assert.match(pass(4_000), /\(expires in 0:00\)$/)
  assert.equal(pass(3_000), '')
  terminal.report({ t: 'peer', verify: 'a b c' })
  assert.match(written.stderr, /^\r\u001b\[K {2}peer /)
  assert.equal(pass(5_000), '')
})

test('a countdown ends before a prompt, and elsewhere than on a terminal the time is printed once', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const waiting: AgentEvent = { t: 'waiting', expires_in_seconds: 600 }
  const asked = screen({ tty: true, columns: 20 })
  asked.terminal.report(waiting)
  assert.ok(asked.written.stderr.length < 20 + '\r\u001b[K'.length)
  asked.terminal.clear()
  const before = asked.written.stderr
  t.mock.timers.tick(2_000)
  assert.equal(asked.written.stderr, before)
  for (const options of [{}, { tty: true, environment: { TERM: 'dumb' } }]) {
    const { terminal, written } = screen(options)
    terminal.report(waiting)
    t.mock.timers.tick(2_000)
    assert.match(written.stderr, /^ {2}waiting .*\(expires in 10:00\)\n$/)
  }
})
