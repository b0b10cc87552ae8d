/** How every file is created here: a new one, never an existing one, never through a symbolic link. */
import { constants } from 'node:fs'

/** Absent on Windows, where `O_EXCL` alone has to do. */
export const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

/** Absent on Windows, which has no named pipes among its files. Opening one would otherwise wait until someone writes to it. */
export const NON_BLOCKING = constants.O_NONBLOCK ?? 0

const EXCLUSIVE = constants.O_CREAT | constants.O_EXCL | NO_FOLLOW

/** Flags for `open`: fails with EEXIST when anything has that name, a dangling symbolic link included. */
export const EXCLUSIVE_WRITE = constants.O_WRONLY | EXCLUSIVE

/** The same, for a file whose content is compared later. */
export const EXCLUSIVE_READ_WRITE = constants.O_RDWR | EXCLUSIVE
