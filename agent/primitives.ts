/** The primitives that peer/ takes, by node:crypto and node:zlib. */
import { createCipheriv, createDecipheriv, createHash, createSecretKey } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Aead, Digest, Primitives } from '../peer/channel.ts'

const TAG_BYTES = 16
const KEY_BYTES = 32

export const nodePrimitives: Primitives = { aead, sha256, crc32 }

/** The key becomes a KeyObject once: Node 24.18 to 24.21 take three times as long for each message with raw key bytes. */
function aead(key: Uint8Array): Aead {
  if (key.length !== KEY_BYTES) throw new RangeError('an AES-256 key has 32 bytes')
  const secret = createSecretKey(key)
  const options = { authTagLength: TAG_BYTES } as const
  return {
    seal(nonce, associated, plain) {
      const cipher = createCipheriv('aes-256-gcm', secret, nonce, options)
      cipher.setAAD(associated)
      const sealed = Buffer.allocUnsafe(1 + plain.length + TAG_BYTES)
      sealed.set(cipher.update(plain), 1)
      cipher.final() // returns nothing: GCM is a stream mode
      sealed.set(cipher.getAuthTag(), 1 + plain.length)
      return sealed
    },
    open(nonce, associated, sealed) {
      if (sealed.length < TAG_BYTES) throw new RangeError('shorter than its tag')
      const decipher = createDecipheriv('aes-256-gcm', secret, nonce, options)
      decipher.setAAD(associated)
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
      const plain = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES))
      decipher.final() // throws when the tag does not match, before `plain` is returned
      return plain
    },
  }
}

function sha256(): Digest {
  const hash = createHash('sha256')
  return {
    update: (data) => void hash.update(data),
    digest: () => hash.digest(),
  }
}
