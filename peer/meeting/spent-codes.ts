/**
 * Where a code is burnt. One processed CPace share is one guess at the words, so after it a code is never used again, whatever came of
 * the guess (PROTOCOL.md section 3). This is what counts; the room burns itself as well, but the room is not trusted.
 */
import type { Code } from '../../protocol/meeting/phrase.ts'
import type { Secret } from '../../protocol/secret.ts'

/** The words of spent codes, by object identity: nothing secret is copied, and a code that is garbage takes its entry with it. */
const spent = new WeakSet<Secret>()

/** Burns `code`, for as long as this process runs. To be called before the peer's share is processed. */
export function spendCode(code: Code): void {
  spent.add(code.words)
}

export function isCodeSpent(code: Code): boolean {
  return spent.has(code.words)
}
