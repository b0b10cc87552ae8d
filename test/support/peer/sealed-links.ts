/** Two links over one channel pair, with known keys, and functions to send and read on them. */
import type { Clock } from '../../../peer/channel.ts'
import { openLink } from '../../../peer/link/link.ts'
import type { Link } from '../../../peer/link/link.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { nodeCiphers } from './aead.ts'
import { channelPair } from './channel-pair.ts'
import type { ChannelPair } from './channel-pair.ts'
import { VirtualClock } from '../clock.ts'

export const keyAB = new Uint8Array(32).fill(1)
export const keyBA = new Uint8Array(32).fill(2)

export type LinkPair = {
  readonly pair: ChannelPair
  readonly clock: VirtualClock
  readonly a: Link
  readonly b: Link
}

export function linkPair(primitives = nodeCiphers): LinkPair {
  const clock = new VirtualClock()
  const pair = channelPair(clock)
  return { pair, clock, ...linksOver(pair, clock, primitives) }
}

export function linksOver(pair: ChannelPair, clock: Clock, primitives = nodeCiphers): { a: Link; b: Link } {
  return {
    a: openLink({ channel: pair.a, keys: { send: keyAB, receive: keyBA }, primitives, clock }),
    b: openLink({ channel: pair.b, keys: { send: keyBA, receive: keyAB }, primitives, clock }),
  }
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
export function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content)
}

/** Everything that arrives until the link ends, and how it ended. */
export async function readAll(link: Link): Promise<{ messages: string[]; ended: string }> {
  const messages: string[] = []
  try {
    for await (const message of link.messages) messages.push(text(message))
    return { messages, ended: 'properly' }
  } catch (error) {
    return { messages, ended: error instanceof VoltdropError ? error.code : String(error) }
  }
}

export async function sendAll(link: Link, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await link.send(bytes(`message ${index}`))
}
