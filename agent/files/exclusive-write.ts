/** How every file is created here: a new one, never an existing one, never through a symbolic link. */
import { constants } from 'node:fs'

/** Absent on Windows, where `O_EXCL` alone has to do. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

/** Flags for `open`: fails with EEXIST when anything has that name, a dangling symbolic link included. */
export const EXCLUSIVE_WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW
