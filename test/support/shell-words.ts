import { execFileSync } from 'node:child_process'

/** A command line split into words by a real shell. */
export function shellWords(command: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
}
