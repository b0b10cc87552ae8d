/** A timer that is moved far more often than it fires: postponing it costs a number, not a host timer. */
import type { Host } from './association-options.ts'

/** Host timers count whole milliseconds and may come a little early. */
const TOLERANCE_MS = 0.5

export class Deadline {
  readonly #host: Host
  readonly #onDue: () => void
  readonly #fire: () => void
  #dueMs = Infinity
  #armedMs = Infinity
  #cancel: (() => void) | undefined

  constructor(host: Host, onDue: () => void) {
    this.#host = host
    this.#onDue = onDue
    this.#fire = () => this.#check()
  }

  get isSet(): boolean {
    return this.#dueMs !== Infinity
  }

  /** Due at `atMs` on the host's clock; Infinity clears. Replaces what was set before. */
  set(atMs: number): void {
    this.#dueMs = atMs
    if (atMs < this.#armedMs) this.#arm(atMs)
  }

  /** Due at `atMs` unless it is due earlier already. */
  setIfEarlier(atMs: number): void {
    if (atMs < this.#dueMs) this.set(atMs)
  }

  clear(): void {
    this.#dueMs = Infinity
  }

  /** Clears and gives the host timer back: nothing keeps the process alive. */
  stop(): void {
    this.clear()
    this.#cancel?.()
    this.#cancel = undefined
    this.#armedMs = Infinity
  }

  #arm(atMs: number): void {
    this.#cancel?.()
    this.#armedMs = atMs
    this.#cancel = this.#host.setTimer(Math.max(0, atMs - this.#host.now()), this.#fire)
  }

  #check(): void {
    this.#cancel = undefined
    this.#armedMs = Infinity
    const dueMs = this.#dueMs
    if (dueMs === Infinity) return
    if (this.#host.now() < dueMs - TOLERANCE_MS) {
      this.#arm(dueMs)
      return
    }
    this.#dueMs = Infinity
    this.#onDue()
  }
}
