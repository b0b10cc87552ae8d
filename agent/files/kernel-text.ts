/** Reads what the kernel tells about itself below /proc; undefined where there is no such file. */
import { readFile, readlink } from 'node:fs/promises'

export async function readKernelText(path: string): Promise<string | undefined> {
  return (await readFile(path, 'latin1').catch(() => undefined))?.trim()
}

export function readLinkTarget(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined)
}
