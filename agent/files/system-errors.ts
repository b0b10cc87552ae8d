/** Errors of the operating system as a VoltdropError, with a reason that people can read. */
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import type { Failure } from '../../protocol/errors.ts'

const failureOfErrno: Readonly<Record<string, Failure>> = {
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EEXIST: 'file_exists',
}

/** The errors that people meet (errno(3)); any other is shown by its code. */
const reasonOfErrno: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use',
  EDQUOT: 'the quota is used up',
  EIO: 'the device reports an error',
  EISDIR: 'it is a folder',
  ELOOP: 'a symbolic link is in the way',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long for this file system',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a folder',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
}

/** `error` as the failure that its code stands for, else as `fallback`, with path and reason. Other errors are passed through. */
export function systemError(error: unknown, path: string, fallback: Failure): VoltdropError {
  const code = codeOf(error)
  if (code === undefined || error instanceof VoltdropError) return asVoltdropError(error)
  const failure = failureOfErrno[code] ?? fallback
  const detail = failure === 'file_exists' ? path : `${path}: ${reasonOfErrno[code] ?? code}`
  return new VoltdropError(failure, detail, { cause: error })
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
