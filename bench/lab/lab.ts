/**
 * Two hosts in network namespaces with an emulated link between them (link.c). Linux, root, iproute2 and a C compiler.
 * Used by benchmarks only; tests use the simulated network with a virtual clock.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** One link, the same in both directions. */
export type Link = {
  /** Bottleneck in Mbit/s; 0 is none. */
  readonly rateMbit: number
  /** Round-trip time in milliseconds. */
  readonly roundTripMs: number
  /** Random loss in percent, each direction. */
  readonly lossPercent: number
  /** Queue in front of the bottleneck, in bandwidth-delay products (at least 64 KiB). */
  readonly queueBdp: number
  readonly seed: number
}

/** What one direction of a link has seen. */
export type LinkCounters = {
  /** Everything handed to the link, Ethernet headers included. */
  readonly frames: number
  readonly bytes: number
  /** By the random loss, and turned away by a full queue. */
  readonly lost: number
  readonly overflowed: number
  readonly largestFrameBytes: number
  readonly peakQueuedBytes: number
  /** Time in the queue, of frames that were not turned away. */
  readonly meanWaitMs: number
  readonly longestWaitMs: number
}

/** A running lab. Commands are prefixed with `on.a` or `on.b` to run on that host. */
export type Lab = {
  readonly on: { readonly a: readonly string[]; readonly b: readonly string[] }
  readonly addresses: { readonly a: string; readonly b: string }
  /** From now on the kernel's TCP makes each packet by itself, as every program has to, and as without a network card's help. */
  stopOffload(): void
  /** Removes everything; what passed from a to b, and from b to a. */
  close(): Promise<readonly [LinkCounters, LinkCounters]>
}

const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/lab/', import.meta.url))
const SOURCE = fileURLToPath(new URL('link.c', import.meta.url))
// An ordinary name: ICE implementations ignore interfaces called tap, tun or veth.
const INTERFACE = 'eth0'
/** Ceiling of the kernel's buffers of one TCP connection: several bandwidth-delay products of the fastest link. */
const TCP_BUFFER_BYTES = 32 << 20
/** What a frame takes from the link besides its own bytes: preamble, checksum and gap, as link.c counts them. */
export const FRAME_OVERHEAD_BYTES = 24

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
}

/** True when this machine can run a lab; benchmarks say so and leave the rows out when it cannot. */
export function canRunLab(): boolean {
  const isRoot = process.getuid?.() === 0
  return isRoot && ['ip', 'cc'].every((tool) => spawnSync('which', [tool]).status === 0)
}

function createHost(namespace: string): void {
  spawnSync('ip', ['netns', 'delete', namespace])
  run('ip', 'netns', 'add', namespace)
  run('ip', '-n', namespace, 'link', 'set', 'lo', 'up')
  for (const [buffer, initialBytes] of [
    ['tcp_rmem', 131_072],
    ['tcp_wmem', 65_536],
  ]) {
    const setting = `net.ipv4.${buffer}=4096 ${initialBytes} ${TCP_BUFFER_BYTES}`
    run('ip', 'netns', 'exec', namespace, 'sysctl', '-qw', setting)
  }
}

function addressHost(namespace: string, address: string): void {
  run('ip', '-n', namespace, 'address', 'add', `${address}/24`, 'dev', INTERFACE)
  run('ip', '-n', namespace, 'link', 'set', INTERFACE, 'mtu', '1500', 'txqueuelen', '10000', 'up')
}

function startLink(namespaces: readonly [string, string], link: Link): ChildProcess {
  mkdirSync(FOLDER, { recursive: true })
  const binary = `${FOLDER}link`
  run('cc', '-O2', '-o', binary, SOURCE)
  const queueBytes =
    link.rateMbit === 0 ? 64 << 20 : Math.max(65_536, Math.round(bdpBytesOf(link) * link.queueBdp))
  const values = [link.rateMbit * 1000, link.roundTripMs / 2, link.lossPercent, queueBytes, link.seed]
  return spawn(binary, [...namespaces, INTERFACE, ...values.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Bandwidth times round trip of `link`, in bytes. */
export function bdpBytesOf({ rateMbit, roundTripMs }: Link): number {
  return (rateMbit * 1e6 * roundTripMs) / 8e3
}

/** Builds two hosts and their link. */
export async function openLab(link: Link): Promise<Lab> {
  const namespaces = [`vdlab${process.pid}a`, `vdlab${process.pid}b`] as const
  const addresses = { a: '10.77.0.1', b: '10.77.0.2' }
  namespaces.forEach(createHost)
  const emulator = startLink(namespaces, link)
  let printed = ''
  emulator.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text))
  if (emulator.stdout) await once(emulator.stdout, 'data')
  addressHost(namespaces[0], addresses.a)
  addressHost(namespaces[1], addresses.b)
  return {
    on: { a: ['ip', 'netns', 'exec', namespaces[0]], b: ['ip', 'netns', 'exec', namespaces[1]] },
    addresses,
    stopOffload() {
      for (const namespace of namespaces)
        run('ip', '-n', namespace, 'link', 'set', INTERFACE, 'gso_max_segs', '1', 'gso_max_size', '1500')
    },
    async close() {
      const ended = once(emulator, 'close')
      emulator.kill('SIGTERM')
      await ended
      for (const namespace of namespaces) run('ip', 'netns', 'delete', namespace)
      return JSON.parse(printed.replace('ready\n', ''))
    },
  }
}
