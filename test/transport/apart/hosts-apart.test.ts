/** Two hosts whose only common network is one that is easily overlooked: they find it, because each tells the right addresses. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import test, { type TestContext } from 'node:test'
import { addInterface, noNamespaces, twoHosts, type Host } from '../../support/two-hosts.ts'
import type { SideApart } from './side-apart.ts'

const SIDE = new URL('side-apart.ts', import.meta.url).pathname

function startSide(t: TestContext, { prefix: [command, ...args] }: Host): ChildProcess {
  const child = spawn(command, [...args, process.execPath, SIDE], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  t.after(() => child.kill('SIGKILL'))
  return child
}

/** One attempt from `a`, which knows the hosts `towards`, to `b`: how it ended, and the addresses that `a` told, in order. */
async function connected(
  a: ChildProcess,
  b: ChildProcess,
  ...towards: string[]
): Promise<{ outcome: string; told: string[] }> {
  const told: string[] = []
  const { promise, resolve } = Promise.withResolvers<string>()
  function relay(to: ChildProcess, message: SideApart): void {
    if (message.type === 'ended') return void (to === b && resolve(message.outcome))
    if (message.type === 'candidate' && to === b) told.push(message.candidate.candidate.split(' ')[4] ?? '')
    to.send(message)
  }
  const listeners = [
    [a, (message: SideApart) => relay(b, message)],
    [b, (message: SideApart) => relay(a, message)],
  ] as const
  for (const [side, listener] of listeners) side.on('message', listener)
  a.send({ type: 'offer', towards } satisfies SideApart)
  const outcome = await promise
  for (const [side, listener] of listeners) side.off('message', listener)
  return { outcome, told }
}

test('hosts meet over the one network that they share', { skip: noNamespaces }, async (t) => {
  const hosts = twoHosts(t, 'cable0')
  const [a, b] = hosts.map((host) => startSide(t, host)) as [ChildProcess, ChildProcess]
  function onBoth(change: (host: Host, number: number) => void): void {
    hosts.forEach((host, index) => change(host, index + 1))
  }

  await t.test('a cable without any other address than a link-local one', async () => {
    onBoth(({ ip }, n) => ip('address', 'add', `169.254.7.${n}/16`, 'dev', 'cable0'))
    assert.deepEqual(await connected(a, b), { outcome: 'direct', told: ['169.254.7.1'] })
    onBoth(({ ip }) => ip('address', 'flush', 'dev', 'cable0', 'scope', 'link'))
  })

  await t.test('an address that is routed to the loopback interface', async () => {
    onBoth(({ ip }) => ip('address', 'flush', 'dev', 'cable0'))
    onBoth(({ ip }, n) => ip('address', 'add', `203.0.113.${n}/32`, 'dev', 'lo'))
    onBoth(({ ip }, n) => ip('route', 'add', `203.0.113.${3 - n}`, 'dev', 'cable0', 'src', `203.0.113.${n}`))
    assert.deepEqual(await connected(a, b), { outcome: 'direct', told: ['203.0.113.1'] })
    onBoth(({ ip }, n) => ip('address', 'delete', `203.0.113.${n}/32`, 'dev', 'lo'))
  })

  await t.test('a VPN beside a network that the other host does not have', async () => {
    onBoth(({ ip }) => ip('link', 'set', 'cable0', 'down'))
    onBoth(({ ip }) => ip('link', 'set', 'cable0', 'name', 'tun0'))
    onBoth(({ ip }) => ip('link', 'set', 'tun0', 'up'))
    onBoth(({ ip }, n) => ip('address', 'add', `10.9.0.${n}/24`, 'dev', 'tun0'))
    onBoth((host, n) => addInterface(host, 'wlan0', `192.168.${n}.5/24`))
    const { outcome, told } = await connected(a, b)
    assert.deepEqual([outcome, told], ['direct', ['192.168.1.5', '10.9.0.1']])
    const known = await connected(a, b, '10.9.0.2')
    assert.deepEqual(known, { outcome: 'direct', told: ['10.9.0.1', '192.168.1.5'] })
  })

  await t.test('a network beside fifteen bridges on each host, which come first by name', async () => {
    onBoth((host) => {
      for (let n = 1; n <= 15; n++) addInterface(host, `br-${n}`, `172.${15 + n}.0.1/16`)
    })
    const { outcome, told } = await connected(a, b)
    assert.equal(outcome, 'direct')
    assert.deepEqual(told.slice(0, 2), ['192.168.1.5', '10.9.0.1'])
    assert.equal(told.length, 10)
  })
})
