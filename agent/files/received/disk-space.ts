/** Whether a file system has room for what is about to be written, and takes a file of that size at all. */
import { statfs } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { VoltdropError } from '../../../protocol/errors.ts'
import { formatBytes } from '../../terminal/human-units.ts'
import { systemError } from '../system-errors.ts'

/** Kept free on the destination's file system: a received file never fills it to the last byte. */
const RESERVED_BYTES = 16n * 1024n * 1024n
/** Of a small file system, such as a floppy or a partition for boot files, at most this part is kept free. */
const RESERVED_PART = 16n

/** FAT stores the size of a file in 32 bits. */
const MAX_FAT_FILE_BYTES = 0xffff_ffff
const FAT = 0x4d44n

/**
 * Linux file systems whose files may have holes (statfs(2)): there a file can be made as large as it will be without anything
 * being written. Others would fill it with zeros.
 */
const WITH_HOLES: ReadonlySet<bigint> = new Set([
  0xef53n, // ext2, ext3, ext4
  0x58465342n, // XFS
  0x9123683en, // Btrfs
  0x01021994n, // tmpfs
  0x794c7630n, // overlayfs
  0xf2f52010n, // F2FS
  0x2fc12fc1n, // ZFS
  0x6969n, // NFS
])

/** @throws VoltdropError `disk_full` unless `neededBytes` fit into `folder` with the reserve left; `not_writable`. */
export async function requireSpace(folder: string, neededBytes: number): Promise<void> {
  const space = await statfs(folder, { bigint: true }).catch((error) => {
    throw systemError(error, folder, 'not_writable')
  })
  if (space.blocks === 0n) return // a file system that does not report its size
  const part = (space.blocks * space.bsize) / RESERVED_PART
  const reserve = part < RESERVED_BYTES ? part : RESERVED_BYTES
  const freeBytes = space.bavail * space.bsize
  if (freeBytes < BigInt(neededBytes) + reserve) {
    throw new VoltdropError(
      'disk_full',
      `${formatBytes(neededBytes)} and a reserve of ${formatBytes(Number(reserve))} are needed, ${formatBytes(Number(freeBytes))} are free in ${folder}`,
    )
  }
}

/**
 * Rejects with `not_writable` when the new, empty file in `folder` behind `handle` cannot become `sizeBytes` long, as far as that can
 * be known without writing; the reason names `path`. The file stays empty.
 */
export async function requireFileSize(
  handle: FileHandle,
  { folder, path, sizeBytes }: { folder: string; path: string; sizeBytes: number },
): Promise<void> {
  if (process.platform !== 'linux' || sizeBytes === 0) return
  const { type } = await statfs(folder, { bigint: true }).catch(() => ({ type: 0n })) // unknown: it is written and seen
  if (type === FAT && sizeBytes > MAX_FAT_FILE_BYTES)
    throw new VoltdropError('not_writable', `${path}: FAT takes no file of 4 GiB or more`)
  if (!WITH_HOLES.has(type)) return
  try {
    await handle.truncate(sizeBytes)
    await handle.truncate(0)
  } catch (error) {
    throw systemError(error, path, 'not_writable')
  }
}
