/** The counters of an association, collected from its parts. */
import type { DataReceiver } from './receive/data-receiver.ts'
import type { PacketReceiver } from './receive/packet-receiver.ts'
import type { DataSender } from './send/data-sender.ts'
import type { PacketScheduler } from './send/packet-scheduler.ts'
import type { PacketSender } from './send/packet-sender.ts'

/** Counters since the association began, and current measurements. Times in milliseconds, sizes in bytes. */
export type AssociationStats = {
  packetsSent: number
  packetsReceived: number
  /** Packets dropped unread: malformed, wrong checksum, wrong tag or ports. */
  packetsRefused: number
  chunksSent: number
  chunksRetransmitted: number
  sacksSent: number
  timeouts: number
  tailLossProbes: number
  duplicatesReceived: number
  messagesSent: number
  messagesReceived: number
  smoothedRttMs: number
  minRttMs: number
  windowBytes: number
  pacingBytesPerSecond: number
  inFlightBytes: number
  peerWindowBytes: number
  deliveredBytes: number
  lostBytes: number
  maxPacketBytes: number
  /** True once packets leave with a zero checksum. */
  zeroChecksum: boolean
}

export type StatsSources = {
  readonly sender: DataSender
  readonly packetSender: PacketSender
  readonly packetReceiver: PacketReceiver
  readonly scheduler: PacketScheduler
  /** Undefined until the peer's first TSN is known. */
  readonly receiver: DataReceiver | undefined
  readonly messagesSent: number
  readonly messagesReceived: number
}

export function collectStats(sources: StatsSources): AssociationStats {
  const { sender, packetSender, packetReceiver, scheduler, receiver, messagesSent, messagesReceived } =
    sources
  return {
    packetsSent: packetSender.packets,
    packetsReceived: packetReceiver.packets,
    packetsRefused: packetReceiver.refused,
    chunksSent: sender.chunksSent,
    chunksRetransmitted: sender.chunksRetransmitted,
    sacksSent: scheduler.sacks,
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
    zeroChecksum: packetSender.omitsChecksum,
  }
}
