/**
 * CPace: from a few shared words to a strong key, with one message each way. A peer that does not know the words has one guess.
 * CPACE-RISTR255-SHA512 of draft-irtf-cfrg-cpace-21, initiator/responder, with explicit key confirmation.
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { bytesToNumberLE, concatBytes, equalBytes } from '@noble/curves/utils.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { VoltdropError } from '../errors.ts'
import { systemRandom } from '../random.ts'
import type { RandomBytes } from '../random.ts'

/** A share is an encoded ristretto255 element (RFC 9496 section 4.3.2). */
export const SHARE_BYTES = 32
/** A key confirmation, `Ta` or `Tb`: HMAC-SHA512. */
export const CONFIRMATION_BYTES = 64

const DSI = utf8('CPaceRistretto255')
const DSI_ISK = utf8('CPaceRistretto255_ISK')
const MAC_LABEL = utf8('CPaceMac')

/** Input block size of SHA-512: padding fills the first block after the password (draft section 8.1). */
const HASH_BLOCK_BYTES = 128

export type CpaceInput = {
  readonly role: 'initiator' | 'responder'
  /** PRS: the secret words. */
  readonly password: Uint8Array
  /** CI: names the protocol, the room and the parties. */
  readonly channelId: Uint8Array
  /** sid: fresh for each run, from both sides' nonces. */
  readonly sessionId: Uint8Array
  /** AD of this side: public, authenticated. */
  readonly associated: Uint8Array
  readonly random?: RandomBytes
}

export type CpaceResult = {
  /** ISK, 64 bytes. Only to be used as input of a key derivation. */
  readonly isk: Uint8Array
  /** This side's key confirmation: proves to the peer that this side knows the words. */
  readonly ownTag: Uint8Array
  /** True when `tag` is the peer's key confirmation. Takes constant time. */
  readonly verify: (tag: Uint8Array) => boolean
}

/** One run of CPace. It can be used once: `finish` erases the scalar. */
export interface Cpace {
  readonly share: Uint8Array
  /**
   * Processes the peer's share, which is one guess whatever the result.
   * @throws VoltdropError `wrong_code` for a share that is not a valid element, is the identity, or is this side's own; `internal` at a
   * second call.
   */
  finish(peerShare: Uint8Array, peerAssociated: Uint8Array): CpaceResult
}

/** Draws the scalar and computes the share (draft section 7.2). */
export function startCpace(input: CpaceInput): Cpace {
  const generator = calculateGenerator(input.password, input.channelId, input.sessionId)
  let scalar: bigint | undefined = drawScalar(input.random ?? systemRandom)
  const share = generator.multiply(scalar).toBytes()
  return {
    share,
    finish(peerShare, peerAssociated) {
      if (scalar === undefined) throw new VoltdropError('internal', 'a CPace run can be used once')
      const own = scalar
      scalar = undefined
      const k = multiplyChecked(peerShare, own, share)
      return deriveIsk(input, share, { share: peerShare, associated: peerAssociated }, k)
    },
  }
}

/** lv_cat of the draft's appendix A.1.3: each part preceded by its length, so the result is unambiguous. */
export function lengthValue(...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...parts.flatMap((part) => [leb128(part.length), part]))
}

/** calculate_generator of draft section 8.3: the element derivation of RFC 9496 section 4.3.4 over the hashed generator string. */
function calculateGenerator(password: Uint8Array, channelId: Uint8Array, sessionId: Uint8Array): Element {
  const hash = sha512(generatorString(password, channelId, sessionId))
  const generator = ristretto255_hasher.deriveToCurve?.(hash)
  if (generator === undefined) throw new VoltdropError('internal', 'the curve library cannot derive elements')
  return generator
}

/** generator_string of draft section 8.1, for SHA-512. */
function generatorString(password: Uint8Array, channelId: Uint8Array, sessionId: Uint8Array): Uint8Array {
  const used = 1 + lengthValue(password).length + lengthValue(DSI).length
  const padding = new Uint8Array(Math.max(0, HASH_BLOCK_BYTES - used))
  return lengthValue(DSI, password, padding, channelId, sessionId)
}

/** 32 random bytes cut to 252 bits: below the group order, with negligible bias (draft section 8.3), and never zero. */
function drawScalar(random: RandomBytes): bigint {
  const bytes = random(32).slice()
  bytes[31] = (bytes[31] ?? 0) & 0x0f
  const scalar = bytesToNumberLE(bytes)
  bytes.fill(0)
  if (scalar === 0n) throw new VoltdropError('internal', 'the random source returned zeros')
  return scalar
}

/**
 * scalar_mult_vfy (draft section 8.3). The curve library decodes the all-zero identity and multiplies it without an error, so both the
 * element and the product are checked here.
 */
function multiplyChecked(peerShare: Uint8Array, scalar: bigint, ownShare: Uint8Array): Uint8Array {
  if (!(peerShare instanceof Uint8Array) || peerShare.length !== SHARE_BYTES)
    throw new VoltdropError('wrong_code')
  if (equalBytes(peerShare, ownShare)) throw new VoltdropError('wrong_code')
  const element = refuseIdentity(decodeElement(peerShare))
  return refuseIdentity(element.multiply(scalar)).toBytes()
}

type Element = ReturnType<typeof ristretto255.Point.fromBytes>

/** @throws VoltdropError `wrong_code` for the neutral element, because with it every password gives the same key. */
export function refuseIdentity(element: Element): Element {
  if (element.is0()) throw new VoltdropError('wrong_code')
  return element
}

function decodeElement(share: Uint8Array): Element {
  try {
    return ristretto255.Point.fromBytes(share)
  } catch (cause) {
    throw new VoltdropError('wrong_code', undefined, { cause })
  }
}

function deriveIsk(
  { role, sessionId, associated }: CpaceInput,
  ownShare: Uint8Array,
  peer: { readonly share: Uint8Array; readonly associated: Uint8Array },
  k: Uint8Array,
): CpaceResult {
  const own = lengthValue(ownShare, associated)
  const theirs = lengthValue(peer.share, peer.associated)
  const transcript = role === 'initiator' ? [own, theirs] : [theirs, own]
  const isk = sha512(concatBytes(lengthValue(DSI_ISK, sessionId, k), ...transcript))
  k.fill(0)
  // Draft section 10.4: Ta and Tb, each over the share and associated data of the side that sends it.
  const macKey = sha512(concatBytes(MAC_LABEL, sessionId, isk))
  return {
    isk,
    ownTag: hmac(sha512, macKey, own),
    verify: (tag) => tag.length === CONFIRMATION_BYTES && equalBytes(tag, hmac(sha512, macKey, theirs)),
  }
}

/** LEB128 as in the draft's prepend_len: seven bits per byte, least significant first. */
function leb128(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest & 0x7f
    rest >>>= 7
    bytes.push(rest === 0 ? low : low | 0x80)
  } while (rest > 0)
  return Uint8Array.from(bytes)
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
