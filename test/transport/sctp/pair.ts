/** Two associations with a simulated path between them, all in virtual time. */
import { Association } from '../../../transport/sctp/association.ts'
import { newReno } from '../../../transport/sctp/congestion/new-reno.ts'
import type { AssociationOptions, AssociationState } from '../../../transport/sctp/association-options.ts'
import type { Runtime } from '../../../transport/sctp/runtime.ts'
import type { TransportError } from '../../../transport/transport-error.ts'
import {
  type LinkOptions,
  SimulatedLink,
  seededRandom,
  VirtualTime,
} from '../../support/simulated-network.ts'
import { SimulatedLayer, virtualRuntime } from './simulated-layer.ts'

export type Received = { readonly streamId: number; readonly ppid: number; readonly payload: Uint8Array }

/** One end and everything it has reported. */
export class Endpoint {
  readonly association: Association
  readonly layer: SimulatedLayer
  readonly states: AssociationState[] = []
  readonly received: Received[] = []
  readonly resets: number[] = []
  readonly resetsDone: { streamId: number; performed: boolean }[] = []
  rooms = 0
  receivedBytes = 0
  reason: TransportError | undefined
  /** Consumes each message at once unless a test replaces it. */
  onMessage: (message: Received) => void = (message) => this.association.consumed(message.payload.length)
  onRoom: () => void = () => {}
  onReset: (streamIds: readonly number[]) => void = () => {}

  /** `send` gets every packet that leaves. */
  constructor(
    send: (packet: Uint8Array) => void,
    runtime: Runtime,
    options: Partial<AssociationOptions> = {},
  ) {
    this.layer = new SimulatedLayer(send)
    this.association = new Association({
      lower: this.layer,
      runtime,
      maxPacketBytes: 1_200,
      maxMessageBytes: 8 << 20,
      receiveWindowBytes: 1 << 20,
      congestion: newReno,
      ...options,
      events: {
        onState: (state, reason) => {
          this.states.push(state)
          this.reason = reason
        },
        onMessage: (streamId, ppid, payload) => {
          const message = { streamId, ppid, payload }
          this.received.push(message)
          this.receivedBytes += payload.length
          this.onMessage(message)
        },
        onRoom: () => {
          this.rooms++
          this.onRoom()
        },
        onStreamsReset: (streamIds) => {
          this.resets.push(...streamIds)
          this.onReset(streamIds)
        },
        onResetDone: (streamIds, performed) => {
          for (const streamId of streamIds) this.resetsDone.push({ streamId, performed })
        },
      },
    })
  }
}

export type PairOptions = {
  readonly seed?: number
  readonly ab?: LinkOptions
  readonly ba?: LinkOptions
  readonly a?: Partial<AssociationOptions>
  readonly b?: Partial<AssociationOptions>
}

export type Pair = {
  readonly time: VirtualTime
  readonly random: () => number
  readonly a: Endpoint
  readonly b: Endpoint
  /** From a to b, and back. */
  readonly ab: SimulatedLink
  readonly ba: SimulatedLink
}

const DEFAULT_LINK: LinkOptions = { delayMs: 10 }

/** Two ends that have not sent anything yet. `ringChunks` is small, so that the ring wraps around and fills up. */
export function makePair(options: PairOptions = {}): Pair {
  const time = new VirtualTime()
  const random = seededRandom(options.seed ?? 1)
  const runtime = virtualRuntime(time, random)
  const ab = new SimulatedLink(time, random, options.ab ?? DEFAULT_LINK, (packet) => b.layer.deliver(packet))
  const ba = new SimulatedLink(time, random, options.ba ?? options.ab ?? DEFAULT_LINK, (packet) =>
    a.layer.deliver(packet),
  )
  const a = new Endpoint((packet) => ab.send(packet), runtime, { ringChunks: 1_024, ...options.a })
  const b = new Endpoint((packet) => ba.send(packet), runtime, { ringChunks: 1_024, ...options.b })
  return { time, random, a, b, ab, ba }
}

/** A pair with an open association. */
export function openPair(options: PairOptions = {}): Pair {
  const pair = makePair(options)
  pair.a.association.connect()
  const isOpen = pair.time.run(
    60_000,
    () => pair.a.association.state === 'open' && pair.b.association.state === 'open',
  )
  if (!isOpen) throw new Error('the pair did not open')
  return pair
}

/** `length` bytes that differ from those of other seeds. */
export function patterned(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; at++) bytes[at] = (seed * 31 + at * 7 + (at >> 8) * 13) & 255
  return bytes
}
