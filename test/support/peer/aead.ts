/** Ciphers for tests: the agent's, and WebCrypto's, whose results are promises as in a page. */
import { nodePrimitives } from '../../../agent/primitives.ts'
import type { Primitives } from '../../../peer/channel.ts'
import type { Aead } from '../../../protocol/sealing.ts'

type Ciphers = Pick<Primitives, 'aead'>

export const nodeCiphers: Ciphers = nodePrimitives
export const webCiphers: Ciphers = { aead: webAead }

export function nodeAead(key: Uint8Array): Aead {
  return nodePrimitives.aead(key)
}

export function webAead(key: Uint8Array): Aead {
  const imported = crypto.subtle.importKey('raw', Uint8Array.from(key), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ])
  function algorithm(nonce: Uint8Array, associated: Uint8Array) {
    return {
      name: 'AES-GCM',
      iv: Uint8Array.from(nonce),
      additionalData: Uint8Array.from(associated),
    }
  }
  return {
    async seal(nonce, associated, plain) {
      const params = algorithm(nonce, associated)
      const sealed = await crypto.subtle.encrypt(params, await imported, Uint8Array.from(plain))
      return Buffer.concat([Buffer.alloc(1), Buffer.from(sealed)])
    },
    async open(nonce, associated, sealed) {
      const params = algorithm(nonce, associated)
      return new Uint8Array(await crypto.subtle.decrypt(params, await imported, Uint8Array.from(sealed)))
    },
  }
}
