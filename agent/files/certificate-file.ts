/** Reads files of certificates (PEM, RFC 7468). */
import { readFile } from 'node:fs/promises'
import { systemError } from './system-errors.ts'

/**
 * Every certificate of the file, each as PEM; what stands between them is skipped.
 * @throws VoltdropError `source_unreadable`, with `name`, which says who named the file.
 */
export async function readCertificates(path: string, name: string): Promise<string[]> {
  const text = await readFile(path, 'latin1').catch((error) => {
    throw systemError(error, `${name} ${path}`, 'source_unreadable')
  })
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
}
