/** STUN messages as bytes, well formed or not, written without the code under test. */
import { createHmac } from 'node:crypto'
import { crc32 } from 'node:zlib'

export type StunAttribute = readonly [type: number, value: Uint8Array]

/** A message of `type` with these attributes; its transaction id is the byte `id`, twelve times. */
export function stunBytes(type: number, attributes: readonly StunAttribute[], id = 7): Buffer {
  const body = Buffer.concat(
    attributes.map(([attribute, value]) => {
      const bytes = Buffer.alloc(4 + value.length + (-value.length & 3))
      bytes.writeUInt16BE(attribute, 0)
      bytes.writeUInt16BE(value.length, 2)
      bytes.set(value, 4)
      return bytes
    }),
  )
  const header = Buffer.alloc(20, id)
  header.writeUInt16BE(type, 0)
  header.writeUInt16BE(body.length, 2)
  header.writeUInt32BE(0x2112a442, 4)
  return Buffer.concat([header, body])
}

/** `message` with MESSAGE-INTEGRITY under `password` behind it. */
export function signed(message: Buffer, password: string | Uint8Array): Buffer {
  const grown = lengthened(message, 24)
  const mac = createHmac('sha1', password).update(grown).digest()
  return Buffer.concat([grown, Buffer.from('00080014', 'hex'), mac])
}

/** `message` with FINGERPRINT behind it. */
export function fingerprinted(message: Buffer): Buffer {
  const grown = lengthened(message, 8)
  const print = Buffer.from('8028000400000000', 'hex')
  print.writeUInt32BE((crc32(grown) ^ 0x5354554e) >>> 0, 4)
  return Buffer.concat([grown, print])
}

/** A connectivity check for who has `ufrag` and `password`. */
export function checkBytes(ufrag: string, password: string, extra: readonly StunAttribute[] = []): Buffer {
  const name: StunAttribute = [0x0006, Buffer.from(`${ufrag}:them`)]
  const priority: StunAttribute = [0x0024, Buffer.from('6e7f00ff', 'hex')]
  const controlled: StunAttribute = [0x8029, Buffer.alloc(8)]
  return fingerprinted(signed(stunBytes(0x0001, [name, priority, controlled, ...extra]), password))
}

/** A datagram of up to `bytes` that holds as many right FINGERPRINTs as fit. */
export function fingerprintChain(bytes: number): Buffer {
  const count = Math.floor((bytes - 20) / 8)
  const out = Buffer.alloc(20 + 8 * count)
  stunBytes(0x0001, []).copy(out)
  for (let index = 0, at = 20; index < count; index++, at += 8) {
    // Each is right as if it were the last: it covers what stands before it, under a length that ends with it.
    out.writeUInt16BE(at - 20 + 8, 2)
    const sum = (crc32(out.subarray(0, at)) ^ 0x5354554e) >>> 0
    out.writeUInt32BE(0x80280004, at)
    out.writeUInt32BE(sum, at + 4)
  }
  out.writeUInt16BE(8 * count, 2)
  return out
}

function lengthened(message: Buffer, bytes: number): Buffer {
  const grown = Buffer.from(message)
  grown.writeUInt16BE(message.readUInt16BE(2) + bytes, 2)
  return grown
}
