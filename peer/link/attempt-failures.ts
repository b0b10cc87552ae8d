/** What failed attempts say about the connection: which failure ends it at once, and which one is reported when no attempt succeeds. */
import { VoltdropError } from '../../protocol/errors.ts'
import type { Failure } from '../../protocol/errors.ts'

/** Failures that another attempt cannot change. */
const FINAL: readonly Failure[] = ['incompatible', 'cancelled', 'internal', 'wrong_code']

/** Signs of an attacker in the middle: reported rather than mere silence. */
const SUSPICIOUS: readonly Failure[] = ['tampered', 'broken_protocol']

/** True for a failure that ends all attempts. */
export function isFinal({ code }: VoltdropError): boolean {
  return FINAL.includes(code)
}

/** True for a failure that honest peers on a faulty network do not cause. */
export function isSuspicious({ code }: VoltdropError): boolean {
  return SUSPICIOUS.includes(code)
}

export class AttemptFailures {
  #first: VoltdropError | undefined
  #suspicious: VoltdropError | undefined

  add(error: VoltdropError): void {
    this.#first ??= error
    if (isSuspicious(error)) this.#suspicious ??= error
  }

  /** The first suspicious failure. */
  get suspicious(): VoltdropError | undefined {
    return this.#suspicious
  }

  /** What to report when no attempt succeeded. */
  summary(): VoltdropError {
    return this.#suspicious ?? new VoltdropError('no_path', this.#first?.detail, { cause: this.#first })
  }
}
