/** What is shown of a run: a line for each file, all of a failure, the files that cost the most CPU, and node's own closing lines. */
import { Transform } from 'node:stream'
import type { TestEvent } from 'node:test/reporters'

const SHOWN_COSTS = 10
const COST = /^cpu_ms (\d+) (.+)$/

export type Cost = { readonly file: string; readonly cpuMs: number }

/** How the cost of a file travels from its process: as a diagnostic message of its suite. */
export function costMessage({ file, cpuMs }: Cost): string {
  return `cpu_ms ${Math.round(cpuMs)} ${file}`
}

type Start = Extract<TestEvent, { type: 'test:start' }>

/** Stands between the events of `run()` and the spec reporter, and drops what is only noise. */
export class Report extends Transform {
  readonly costs: Cost[] = []
  /** Tests of each file that has come to its end. */
  readonly tests = new Map<string, number>()
  readonly #showsAll: boolean
  /** Of the tests that are under way and not shown: they are, with their parents, when one fails. */
  #hidden: Start[] = []
  #testsOfFile = 0

  constructor({ showsAll }: { readonly showsAll: boolean }) {
    super({ objectMode: true })
    this.#showsAll = showsAll
  }

  override _transform(event: TestEvent, _encoding: BufferEncoding, done: () => void): void {
    this.#take(event)
    done()
  }

  #take(event: TestEvent): void {
    switch (event.type) {
      case 'test:start':
        if (event.data.nesting === 0) this.#testsOfFile = 0
        this.#hidden.push(event)
        if (this.#showsAll) this.#show()
        return
      case 'test:pass':
      case 'test:fail':
        return this.#takeResult(event)
      case 'test:diagnostic':
        return this.#takeDiagnostic(event)
      default:
        this.push(event)
    }
  }

  #takeResult(event: Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>): void {
    const { nesting, name, details } = event.data
    const isFile = nesting === 0 && details.type === 'suite'
    if (details.type !== 'suite') this.#testsOfFile++
    if (isFile) this.tests.set(name, this.#testsOfFile)
    const isHidden = !isFile && event.type === 'test:pass' && this.#hidden.pop() !== undefined
    if (isHidden) return
    this.#show()
    this.push(event)
  }

  #takeDiagnostic(event: Extract<TestEvent, { type: 'test:diagnostic' }>): void {
    const [, cpuMs, file] = COST.exec(event.data.message) ?? []
    if (file !== undefined) {
      this.costs.push({ file, cpuMs: Number(cpuMs) })
      return
    }
    // The first of the closing lines: all files have ended.
    if (event.data.nesting === 0 && /^tests \d+$/.test(event.data.message)) this.#showCosts()
    this.push(event)
  }

  #show(): void {
    for (const start of this.#hidden.splice(0)) this.push(start)
  }

  #showCosts(): void {
    const message = costTable(this.costs)
    this.push({ type: 'test:stdout', data: { file: '', message } } satisfies TestEvent)
  }
}

/** The costliest files and the sum of all, a line each. */
export function costTable(costs: readonly Cost[]): string {
  const sorted = costs.toSorted((a, b) => b.cpuMs - a.cpuMs)
  const rows = sorted.slice(0, SHOWN_COSTS).map(({ file, cpuMs }) => line(cpuMs, file))
  const totalMs = costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
  return ['CPU seconds of the costliest files', ...rows, line(totalMs, `all ${costs.length} files`), ''].join(
    '\n',
  )
}

function line(cpuMs: number, what: string): string {
  return `${(cpuMs / 1_000).toFixed(1).padStart(7)}  ${what}`
}
