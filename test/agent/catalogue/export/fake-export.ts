/** Exports as an edge gives them, for files that are fetched from it. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import { crc32 } from 'node:zlib'
import type { ExportRequest } from '../../../../agent/command-line/arguments.ts'

export function sums(content: string | Buffer) {
  return {
    bytes: Buffer.byteLength(content),
    crc32: crc32(content).toString(16).padStart(8, '0'),
    sha256: createHash('sha256').update(content).digest('hex'),
  }
}

export function product(id: number) {
  return {
    id,
    sku: `P-${id}`,
    gtin: id % 2 === 0 ? null : '12345670',
    name: `Product ${id} µ`,
    manufacturer: 'Alpha',
    category: 'charger',
    status: 'active',
    datasheet_url: null,
    datasheet_revision: null,
    source_url: 'https://example.com',
    source_title: null,
    source_licence: null,
    source_retrieved_on: null,
    verification: 'unverified',
  }
}

/** An NDJSON export of `count` products. */
export function ndjson(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => `${JSON.stringify(product(i + 1))}\n`).join('')
  return `${rows}${JSON.stringify({ end: { revision: 7, rows: count, ...sums(rows) } })}\n`
}

export function wanted(format: ExportRequest['format'], filters: [string, string][] = []): ExportRequest {
  return {
    catalogue: 'products',
    format,
    filters,
  }
}

/** The digest of `body`, if `request` asks for it. */
export function digestOf(body: string, request: IncomingMessage, revision = 7): string | undefined {
  if (request.url?.includes('/digest') !== true) return undefined
  return JSON.stringify({ revision, rows: 1, ...sums(body) })
}

/** An edge with this export, which is not necessarily what it sends. */
export function answer(body: string, sent = body): RequestListener {
  return (request, response) =>
    void response.writeHead(200, { 'catalogue-revision': '7' }).end(digestOf(body, request) ?? sent)
}
