/** What people and programs read while a command runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentEvent } from '../../../agent/terminal/events.ts'
import { createTerminal } from '../../../agent/terminal/create-terminal.ts'
import { formatBytes, formatDuration, percent } from '../../../agent/terminal/human-units.ts'
import { ProgressMeter } from '../../../agent/terminal/progress-meter.ts'

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
  { t: 'offer', role: 'receiver', name: evil, bytes: 1 },
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
  { t: 'listening', url: 'http://127.0.0.1:1', data: evil, writable: true },
  { t: 'warning', text: evil },
  { t: 'error', code: 'file_exists', exit: 9, says: 'There.', detail: evil, next: 'Move it.' },
]

test('without --json, events go to stderr and nothing goes to stdout', () => {
  const { terminal, written } = screen()
  for (const event of everything) terminal.report(event)
  assert.equal(written.stdout, '')
  assert.match(written.stderr, / code +7-copper-lantern\n +receive +voltdrop receive\n/)
  assert.match(written.stderr, /path +direct \(udp, 23 ms\)/)
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

test('--quiet prints only the code, faults and the error', () => {
  const { terminal, written } = screen({ output: { quiet: true }, tty: true })
  for (const event of everything) terminal.report(event)
  assert.match(written.stderr, /7-copper-lantern[\s\S]*line 3[\s\S]*There\./)
  assert.doesNotMatch(written.stderr, /path|done|exported|sending|line 4|imported/)
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

test('rate and remaining time come from the last three seconds', () => {
  const meter = new ProgressMeter(100_000)
  meter.update(0, 0)
  for (let ms = 100; ms <= 5000; ms += 100) meter.update(ms, ms)
  assert.deepEqual(meter.update(5100, 5100), { bytesPerSecond: 1000, etaSeconds: 95 })
  assert.equal(meter.update(5100, 60_000).etaSeconds, undefined)
})

test('sizes, times and percentages are formatted with the right unit and rounding', () => {
  assert.deepEqual([0, 999, 1000, 1024, 14_541, 1.2 * 1024 ** 3].map(formatBytes), [
    '0 B',
    '999 B',
    '0.98 KiB',
    '1.00 KiB',
    '14.2 KiB',
    '1.20 GiB',
  ])
  assert.deepEqual([0, 7, 750, 3723].map(formatDuration), ['0:00', '0:07', '12:30', '1:02:03'])
  assert.deepEqual([percent(0, 0), percent(999_999, 1_000_000), percent(1, 1)], [100, 99, 100])
})
