// What is thrown for bytes that are not SFTP. The session that reads them adds the hop.

import { SallyportError } from '../../errors.js'

/** A PROTOCOL_ERROR of a peer that does not keep to SFTP version 3. */
export function brokenProtocol(what: string): SallyportError {
  return new SallyportError('PROTOCOL_ERROR', what, { phase: 'session' })
}
