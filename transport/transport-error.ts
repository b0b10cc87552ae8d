/** How a connection can end badly: a closed set of codes that whoever uses the library maps to words of its own. */

export type TransportFailure =
  /** No connection could be opened: no candidate pair works, or the peer closed before the channel was open. */
  | 'no_path'
  /** The connection was open and is lost or closed. */
  | 'interrupted'
  /** The peer sent what no peer may send. */
  | 'broken_protocol'
  /** A fault of the caller or of this library. */
  | 'internal'

/** `detail` is a sentence for people; it never holds text of the peer. */
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
