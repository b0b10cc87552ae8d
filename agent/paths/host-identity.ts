/**
 * What the processes of this host know and no others: who shows a peer that he knows it too runs on the same host. It is never sent.
 * A container with a network of its own counts as a host of its own; one that shares the kernel could guess the rest, and would gain no
 * more than a few checks of this host's loopback.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { readKernelText, readLinkTarget } from '../files/kernel-text.ts'

/** Undefined where the system has nothing of this kind (Windows): then no peer counts as being on this host. */
export async function hostIdentity(
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  switch (platform) {
    case 'linux':
      return joined([
        await readKernelText('/proc/sys/kernel/random/boot_id'),
        await readLinkTarget('/proc/self/ns/net'),
      ])
    case 'darwin':
      return joined([await sysctl('kern.bootsessionuuid')])
    default:
      return undefined
  }
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  return parts.every((part) => part) ? parts.join(' ') : undefined
}

async function sysctl(name: string): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)('/usr/sbin/sysctl', ['-n', name]).catch(() => ({ stdout: '' }))
  return stdout.trim()
}
