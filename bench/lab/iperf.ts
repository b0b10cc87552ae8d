/** A TCP flow of the kernel across the lab (iperf3), to be compared with or to share a link with. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Lab } from './lab.ts'

/** Congestion controls of the kernel that are compared. */
export type TcpCongestion = 'cubic' | 'bbr'

/** True when iperf3 is there and the kernel has `congestion`. */
export function canRunTcp(congestion: TcpCongestion): boolean {
  const { stdout } = spawnSync('sysctl', ['-n', 'net.ipv4.tcp_available_congestion_control'], {
    encoding: 'utf8',
  })
  return spawnSync('which', ['iperf3']).status === 0 && (stdout ?? '').split(/\s/).includes(congestion)
}

/** Sends from host a to host b for `seconds`; resolves with the payload bytes a second that arrived. */
export async function runTcp(
  lab: Lab,
  congestion: TcpCongestion,
  seconds: number,
  port = 5_201,
): Promise<number> {
  const server = startOn(lab.on.b, ['iperf3', '--server', '--one-off', '--port', String(port), '--json'])
  try {
    await listening(lab, port)
    const command = `iperf3 --client ${lab.addresses.b} --port ${port} --time ${seconds} --congestion ${congestion} --json`
    const client = startOn(lab.on.a, command.split(' '))
    let printed = ''
    client.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
    await once(client, 'close')
    const bitsPerSecond: unknown = JSON.parse(printed)?.end?.sum_received?.bits_per_second
    if (typeof bitsPerSecond !== 'number') throw new Error(`iperf3: ${printed.slice(0, 400)}`)
    return bitsPerSecond / 8
  } finally {
    server.kill()
  }
}

function startOn(prefix: readonly string[], command: readonly string[]) {
  const [program = '', ...rest] = [...prefix, ...command]
  return spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** With --json the server does not say that it listens. */
async function listening(lab: Lab, port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const [program, ...rest] = [...lab.on.b, 'ss', '-Hltn', `sport = :${port}`]
    const { stdout } = spawnSync(program, rest, { encoding: 'utf8' })
    if (stdout.trim() !== '') return
    await new Promise((again) => setTimeout(again, 50))
  }
  throw new Error('the iperf3 server does not listen')
}
