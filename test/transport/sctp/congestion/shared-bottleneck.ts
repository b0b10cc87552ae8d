/** Several senders, each with its own controller, that share one bottleneck in virtual time. */
import type { MakeCongestionController } from '../../../../transport/sctp/congestion/congestion-controller.ts'
import type { AssociationStats } from '../../../../transport/sctp/association-stats.ts'
import { SimulatedLink, VirtualTime, seededRandom } from '../../../support/simulated-network.ts'
import { Endpoint } from '../pair.ts'
import { virtualRuntime } from '../simulated-layer.ts'

export type Bottleneck = {
  readonly rateMbit: number
  readonly roundTripMs: number
  readonly loss: number
  /** The queue in bandwidth-delay products. */
  readonly queueBdp: number
}

export type Outcome = {
  /** Payload of each flow as a share of the bottleneck, from the flow's start to the end. */
  readonly shares: readonly number[]
  /** Largest queue after the first three seconds, in bandwidth-delay products. */
  readonly peakQueueBdp: number
  readonly stats: readonly AssociationStats[]
}

const START_APART_MS = 1_000
const START_UP_MS = 3_000
const KEPT_FULL_BYTES = 4 << 20
const message = new Uint8Array(65_536)

/** Runs one flow for each controller, started a second apart, for `seconds` of virtual time. */
export function share(
  controllers: readonly MakeCongestionController[],
  bottleneck: Bottleneck,
  seconds: number,
): Outcome {
  const time = new VirtualTime()
  const random = seededRandom(7)
  const bytesPerSecond = (bottleneck.rateMbit * 1e6) / 8
  const bdpBytes = (bytesPerSecond * bottleneck.roundTripMs) / 1000
  const delayMs = bottleneck.roundTripMs / 2
  const { loss } = bottleneck
  const receivers: Endpoint[] = []
  const options = { delayMs, loss, bytesPerSecond, queueBytes: bdpBytes * bottleneck.queueBdp }
  // The last byte of a packet identifies its flow.
  const link = new SimulatedLink(time, random, options, (packet) =>
    receivers[packet.at(-1) ?? 0]?.layer.deliver(packet.subarray(0, -1)),
  )
  const senders = controllers.map((congestion, flow) => {
    const back = new SimulatedLink(time, random, { delayMs, loss }, (packet) => sender.layer.deliver(packet))
    const sender = endpoint(time, random, congestion, (packet) => {
      const tagged = new Uint8Array(packet.length + 1)
      tagged.set(packet)
      tagged[packet.length] = flow
      link.send(tagged)
    })
    receivers[flow] = endpoint(time, random, congestion, (packet) => back.send(packet))
    time.after(flow * START_APART_MS, () => keepSending(time, sender))
    return sender
  })
  time.run(START_UP_MS)
  link.peakQueueBytes = 0
  time.run(seconds * 1000)
  return {
    shares: receivers.map(
      ({ receivedBytes }, flow) =>
        receivedBytes / (seconds - (flow * START_APART_MS) / 1000) / bytesPerSecond,
    ),
    peakQueueBdp: link.peakQueueBytes / bdpBytes,
    stats: senders.map(({ association }) => association.stats),
  }
}

function endpoint(
  time: VirtualTime,
  random: () => number,
  congestion: MakeCongestionController,
  sendPacket: (packet: Uint8Array) => void,
): Endpoint {
  const options = { congestion, receiveWindowBytes: 16 << 20 }
  const end = new Endpoint(sendPacket, virtualRuntime(time, random), options)
  end.onMessage = ({ payload }) => {
    end.received.length = 0
    end.association.consumed(payload.length)
  }
  return end
}

function keepSending(time: VirtualTime, sender: Endpoint): void {
  const { association } = sender
  function fill(): void {
    while (association.bufferedBytes < KEPT_FULL_BYTES) association.send(0, 53, message)
  }
  function whenOpen(): void {
    if (association.state === 'open') fill()
    else time.after(5, whenOpen)
  }
  sender.onRoom = fill
  association.connect()
  whenOpen()
}
