/** Two hosts in network namespaces with a cable between them and no way out: Linux, root, iproute2. Tests are skipped elsewhere. */
import { spawnSync } from 'node:child_process'
import type { TestContext } from 'node:test'

/** For `skip`: false where namespaces can be made, else the reason. */
export const noNamespaces =
  process.getuid?.() === 0 && spawnSync('ip', ['netns', 'list']).status === 0
    ? false
    : 'network namespaces need Linux, root and iproute2'

export type Host = {
  /** Arguments of `ip`, applied on this host. */
  readonly ip: (...args: readonly string[]) => void
  /** What comes before a command line to run it on this host. */
  readonly prefix: readonly [command: string, ...args: string[]]
}

let made = 0

/** Both ends of the cable are called `cable`, are up and have no address. Everything is gone after the test. */
export function twoHosts(t: Pick<TestContext, 'after'>, cable: string): readonly [Host, Host] {
  const names = ['a', 'b'].map((side) => `vdt${process.pid}${side}${made}`) as [string, string]
  made++
  const [a, b] = names.map((name): Host => {
    run('netns', 'add', name)
    t.after(() => void spawnSync('ip', ['netns', 'delete', name]))
    return {
      ip: (...args) => run('-n', name, ...args),
      prefix: ['ip', 'netns', 'exec', name],
    }
  }) as [Host, Host]
  run('link', 'add', cable, 'netns', names[0], 'type', 'veth', 'peer', 'name', cable, 'netns', names[1])
  for (const host of [a, b]) {
    host.ip('link', 'set', 'lo', 'up')
    host.ip('link', 'set', cable, 'up')
  }
  return [a, b]
}

/** An interface of `host` that leads to nobody. */
export function addInterface({ ip }: Host, name: string, address: string): void {
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `veth-${name}`)
  for (const end of [name, `veth-${name}`]) ip('link', 'set', end, 'up')
  ip('address', 'add', address, 'dev', name)
}

function run(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
}
