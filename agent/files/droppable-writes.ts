/**
 * Writes that may be lost, such as progress. Node writes to terminals and pipes synchronously (documentation of process, "A note on
 * process I/O"): one that takes nothing, after Ctrl-S or behind a stalled reader, would stop the program and with it the transfer.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'

export type Write = (text: string) => void

/**
 * A write to what is behind `descriptor`, by a description of its own (open(2)) that does not wait: what is not taken at once is
 * dropped. Undefined for a file, which always takes, and where the system does not open descriptors anew, as only Linux does.
 */
export function droppableWrite(descriptor: number): Write | undefined {
  let own: number
  try {
    const found = fstatSync(descriptor)
    if (process.platform !== 'linux' || !(found.isCharacterDevice() || found.isFIFO())) return undefined
    own = openSync(
      `/proc/self/fd/${descriptor}`,
      constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
    )
  } catch {
    return undefined // closed, a socket, or a terminal that was opened by another user
  }
  process.once('exit', () => closeSync(own))
  return (text) => {
    try {
      writeSync(own, text)
    } catch {
      // Full or gone. What has to be said is written, and fails, elsewhere.
    }
  }
}
