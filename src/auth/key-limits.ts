// Which keys may be used to log in at all: ssh_config(5) PubkeyAcceptedAlgorithms and RequiredRSASize.

import type { Settings } from '../config/settings.js'
import { findRsaShortcoming } from '../rsa-size.js'
import { algorithmsOf } from '../wire/public-key.js'
import type { PublicKey } from '../wire/wire.js'
import type { AttemptLog } from './attempt-log.js'

/** Whether the settings allow the key; notes why where they do not. `source` is a file name, or `agent`. */
export function isAccepted(
  key: PublicKey,
  source: string,
  { settings, log }: { readonly settings: Settings; readonly log: AttemptLog },
): boolean {
  const note = findRefusal(key, settings)
  if (note === undefined) return true
  log.skip({ method: 'publickey', source, fingerprint: key.fingerprint, note }, { code: 'IDENTITY_UNUSABLE' })
  return false
}

function findRefusal({ type, blob }: PublicKey, settings: Settings): string | undefined {
  const { pubkeyAcceptedAlgorithms, requiredRsaSize } = settings
  if (!algorithmsOf(type).some((algorithm) => pubkeyAcceptedAlgorithms.includes(algorithm))) {
    return 'pubkeyAcceptedAlgorithms has nothing that it can sign with'
  }
  return findRsaShortcoming(blob, requiredRsaSize)
}
