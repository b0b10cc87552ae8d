/** One instance of gcm.wat, with the tables of one key. */
import { GCM_WASM_BASE64 } from './gcm-wasm.ts'
import { GHASH_TABLES_BYTES, writeGhashTables } from './ghash-tables.ts'

/** Addresses are offsets in `memory`. */
export type GcmModule = {
  readonly memory: Buffer
  readonly associatedAt: number
  readonly contentAt: number
  readonly keyStreamAt: number
  /** Writes the counter blocks of `count` nonces, `blocks` to each, to `keyStreamAt`. */
  readonly counters: (salt: number, high: number, low: number, count: number, blocks: number) => void
  /** Encrypts `bytes` of content in place; the tag follows them. */
  readonly seal: (keyStreamAt: number, bytes: number) => void
  /** 1 when the tag behind `bytes` of content is right, which is then decrypted in place; else 0, and nothing is. */
  readonly open: (keyStreamAt: number, bytes: number) => number
}

type Exports = Pick<GcmModule, 'counters' | 'seal' | 'open'> & {
  readonly memory: WebAssembly.Memory
} & Record<'tables' | 'associated' | 'content' | 'keyStream', WebAssembly.Global>

let compiled: WebAssembly.Module | undefined

/** `hashKey` is the encrypted block of zeros, 16 bytes. */
export function instantiateGcm(hashKey: Uint8Array): GcmModule {
  compiled ??= new WebAssembly.Module(Buffer.from(GCM_WASM_BASE64, 'base64'))
  const exported = new WebAssembly.Instance(compiled).exports as unknown as Exports
  const memory = Buffer.from(exported.memory.buffer)
  const tablesAt = Number(exported.tables.value)
  writeGhashTables(memory.subarray(tablesAt, tablesAt + GHASH_TABLES_BYTES), hashKey)
  return {
    memory,
    associatedAt: Number(exported.associated.value),
    contentAt: Number(exported.content.value),
    keyStreamAt: Number(exported.keyStream.value),
    counters: exported.counters,
    seal: exported.seal,
    open: exported.open,
  }
}
