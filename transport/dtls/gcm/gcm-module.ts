/** An instance of gcm.wat with the tables of one key. */
import { GCM_WASM_BASE64 } from './gcm-wasm.ts'
import { GHASH_TABLES_BYTES, writeGhashTables } from './ghash-tables.ts'

/** Addresses are offsets in `memory`. */
export type GcmModule = {
  readonly memory: Buffer
  readonly associatedAt: number
  readonly contentAt: number
  readonly keyStreamAt: number
  /** Writes the counter blocks of `count` consecutive nonces, `blocks` each, to `keyStreamAt`. */
  readonly counters: (salt: number, high: number, low: number, count: number, blocks: number) => void
  /** Encrypts `bytes` of content in place and writes the tag behind them. */
  readonly seal: (keyStreamAt: number, bytes: number) => void
  /** Decrypts `bytes` of content in place and returns 1 when the tag behind them is right; otherwise returns 0. */
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
