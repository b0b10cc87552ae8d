/** Whether a file system has room for what is about to be written. */
import { statfs } from 'node:fs/promises'
import { VoltdropError } from '../../protocol/errors.ts'
import { formatBytes } from '../terminal/human-units.ts'
import { systemError } from './system-errors.ts'

/** Kept free on the destination's file system: a received file never fills it to the last byte. */
const RESERVED_BYTES = 16 * 1024 * 1024

/** @throws VoltdropError `disk_full` unless `neededBytes` fit into `folder` with the reserve left; `not_writable`. */
export async function requireSpace(folder: string, neededBytes: number): Promise<void> {
  const space = await statfs(folder, { bigint: true }).catch((error) => {
    throw systemError(error, folder, 'not_writable')
  })
  if (space.blocks === 0n) return // a file system that does not report its size
  const freeBytes = space.bavail * space.bsize
  if (freeBytes < BigInt(neededBytes) + BigInt(RESERVED_BYTES)) {
    throw new VoltdropError(
      'disk_full',
      `${formatBytes(neededBytes)} and a reserve of ${formatBytes(RESERVED_BYTES)} are needed, ${formatBytes(Number(freeBytes))} are free in ${folder}`,
    )
  }
}
