/** Every way a connection can fail: a closed set of codes, which the program that uses the library maps to its own. */

export type TransportFailure =
  /** No connection could be opened: no candidate pair works, or the peer closed before the channel was open. */
  | 'no_path'
  /** The connection was open and is lost or closed. */
  | 'interrupted'
  /** The peer sent something that the protocol forbids. */
  | 'broken_protocol'
  /** A bug in the caller or in this library. */
  | 'internal'

/** `detail` is a sentence for people; it never holds text from the peer. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly code: TransportFailure
  readonly detail: string | undefined

  constructor(code: TransportFailure, detail?: string, options?: ErrorOptions) {
    super(detail ?? code, options)
    this.code = code
    this.detail = detail
  }
}

/** Any thrown value as a TransportError: known ones unchanged, everything else as `fallback` with the original as cause. */
export function asTransportError(error: unknown, fallback: TransportFailure = 'internal'): TransportError {
  return error instanceof TransportError ? error : new TransportError(fallback, undefined, { cause: error })
}

/** For the `catch` of a promise that fails only where the peer has sent what it must not. */
export function throwAsBroken(error: unknown): never {
  throw asTransportError(error, 'broken_protocol')
}
