/** Errors of the operating system as a VoltdropError, with a reason that people can read. */
import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
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
  EAGAIN: 'it has no content to read now',
  EBUSY: 'it is in use',
  EDQUOT: 'the quota is used up',
  EFBIG: 'neither this file system nor `ulimit -f` allows a file this large',
  EINVAL: 'the file system does not allow it',
  EIO: 'the device reports an error',
  EISDIR: 'it is a folder',
  ELOOP: 'a symbolic link is in the way',
  ENAMETOOLONG: 'the name is too long for this file system',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a folder',
  ENXIO: 'no device or program is behind it',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ETXTBSY: 'it is a program that is running',
}

/** What the whole process, or the whole machine, has run out of; whoever meets it first is not the cause. */
const exhaustion: Readonly<Record<string, string>> = {
  EMFILE: 'this process may not open more files and sockets: raise the limit, for example `ulimit -n 1024`',
  ENFILE: 'this machine may not open more files and sockets: its limit for all programs is reached',
}

/** `error` as the failure that its code stands for, else as `fallback`, with path and reason. Other errors are passed through. */
export function systemError(error: unknown, path: string, fallback: Failure): VoltdropError {
  const code = codeOf(error)
  if (code === undefined || error instanceof VoltdropError) return asVoltdropError(error)
  const failure = exhaustionError(error) ?? failureOfErrno[code] ?? fallback
  if (failure instanceof VoltdropError) return failure
  const detail = failure === 'file_exists' ? path : `${path}: ${reasonOfErrno[code] ?? code}`
  return new VoltdropError(failure, detail, { cause: error })
}

/**
 * The failure when `error`, or what caused it however far below, is that file descriptors ran out; undefined otherwise. Whatever
 * opens a file, a socket or a process can meet this, and reports what it could not do instead.
 */
export function exhaustionError(error: unknown): VoltdropError | undefined {
  for (const cause of causesOf(error)) {
    const reason = exhaustion[codeOf(cause) ?? '']
    if (reason !== undefined) return new VoltdropError('not_possible_here', reason, { cause: error })
  }
  return undefined
}

/**
 * Makes sure that about `count` more files and sockets can be opened: libraries that cannot get one fail in ways that do not say so.
 * @throws VoltdropError `not_possible_here`.
 */
export function requireDescriptors(count: number): void {
  const opened: number[] = []
  try {
    while (opened.length < count) opened.push(openSync(devNull, 'r'))
  } catch (error) {
    // Anything else says nothing about the limit.
    const exhausted = exhaustionError(error)
    if (exhausted !== undefined) throw exhausted
  } finally {
    for (const descriptor of opened) closeSync(descriptor)
  }
}

function* causesOf(error: unknown): Generator<Error, void, undefined> {
  const waiting = [error]
  const seen = new Set<unknown>()
  while (waiting.length > 0) {
    const cause = waiting.pop()
    if (!(cause instanceof Error) || seen.has(cause)) continue
    seen.add(cause)
    yield cause
    waiting.push(cause.cause, ...(cause instanceof AggregateError ? cause.errors : []))
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
