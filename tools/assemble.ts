/** `npm run assemble` turns gcm.wat into gcm-wasm.ts; a test checks that the two agree. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import wabt from 'wabt'

const FEATURES = { simd: true, relaxed_simd: true, bulk_memory: true }

/** The text of gcm-wasm.ts. */
export async function assembled(): Promise<string> {
  const source = await readFile(join(import.meta.dirname, '../transport/dtls/gcm/gcm.wat'), 'utf8')
  const module = (await wabt()).parseWat('gcm.wat', source, FEATURES)
  const bytes = Buffer.from(module.toBinary({}).buffer)
  module.destroy()
  const lines = bytes.toString('base64').match(/.{1,96}/g) ?? []
  return [
    '/** gcm.wat, assembled by `npm run assemble`. Do not edit. */',
    'export const GCM_WASM_BASE64 = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('')",
    '',
  ].join('\n')
}

if (import.meta.main)
  await writeFile(join(import.meta.dirname, '../transport/dtls/gcm/gcm-wasm.ts'), await assembled())
