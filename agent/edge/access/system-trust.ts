/** The certificate authorities that this machine trusts, beside those that Node brings: a company's proxy is often signed by one of its own. */
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { readCertificates } from '../../files/certificate-file.ts'

/** For `tls.connect`. */
export type Trust = { readonly secureContext: SecureContext }

/**
 * Node's own authorities, NODE_EXTRA_CA_CERTS, the system's store (on Linux with SSL_CERT_DIR) and SSL_CERT_FILE.
 * @throws VoltdropError `source_unreadable` when SSL_CERT_FILE cannot be read.
 */
export async function systemTrust(): Promise<Trust> {
  const file = process.env['SSL_CERT_FILE']
  const named = file === undefined || file === '' ? [] : await readCertificates(file, 'SSL_CERT_FILE')
  const all = [...getCACertificates('default'), ...getCACertificates('system'), ...named]
  return { secureContext: createSecureContext({ ca: [...new Set(all)] }) }
}
