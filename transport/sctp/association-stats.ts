/** What an association tells about itself, gathered from its parts. */
import type { Inbound } from './receive/packet-receiver.ts'
import type { AssociationStats } from './association-options.ts'
import type { Outbound } from './send/packet-scheduler.ts'
import type { Outlet } from './send/packet-sender.ts'
import type { Receiver } from './receive/data-receiver.ts'
import type { Sender } from './send/data-sender.ts'

export type StatsParts = {
  readonly sender: Sender
  readonly outlet: Outlet
  readonly inbound: Inbound
  readonly outbound: Outbound
  /** Undefined until the peer's first TSN is known. */
  readonly receiver: Receiver | undefined
  readonly messagesSent: number
  readonly messagesReceived: number
}

export function collectStats(parts: StatsParts): AssociationStats {
  const { sender, outlet, inbound, outbound, receiver, messagesSent, messagesReceived } = parts
  return {
    packetsSent: outlet.packets,
    packetsReceived: inbound.packets,
    packetsRefused: inbound.refused,
    chunksSent: sender.chunksSent,
    chunksRetransmitted: sender.chunksRetransmitted,
    sacksSent: outbound.sacks,
    timeouts: sender.timeouts,
    tailLossProbes: sender.probes,
    duplicatesReceived: receiver?.duplicates ?? 0,
    messagesSent,
    messagesReceived,
    smoothedRttMs: sender.roundTrip.smoothedMs,
    minRttMs: sender.roundTrip.minMs,
    windowBytes: sender.congestion.windowBytes,
    pacingBytesPerSecond: sender.congestion.pacingBytesPerSecond,
    inFlightBytes: sender.ring.inFlightBytes,
    peerWindowBytes: sender.peerWindowBytes,
    deliveredBytes: sender.rate.deliveredBytes,
    lostBytes: sender.rate.lostBytes,
    maxPacketBytes: sender.maxPacketBytes,
    zeroChecksum: outlet.omitsChecksum,
  }
}
