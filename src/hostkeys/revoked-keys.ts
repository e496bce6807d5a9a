// The file of RevokedHostKeys: a text list of public keys. Like OpenSSH, whatever cannot be read in it refuses all
// hosts. Binary revocation lists (KRL) are not supported, and refused rather than passed over.

import { expandHome } from '../config/home-path.js'
import type { Settings } from '../config/settings.js'
import { ConfigError, type HopRef, SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import { findContent } from './files.js'
import type { KnownKey } from './host-record.js'
import { findHostKeyInText } from './public-key.js'

const krlMagic = Buffer.from('SSHKRL\n\0', 'latin1')

/**
 * The revoked keys and their lines; none when the setting is absent or `none`. Rejects with UNSUPPORTED_OPTION for a
 * KRL and with KNOWN_HOSTS_UNUSABLE when the file is missing, unreadable or malformed (ssh_config(5) RevokedHostKeys).
 */
export async function readRevokedKeys(settings: Settings, hop: HopRef): Promise<readonly KnownKey[]> {
  const { revokedHostKeys } = settings
  if (revokedHostKeys === undefined || revokedHostKeys.toLowerCase() === 'none') return []
  const file = expandHome(revokedHostKeys)

  const content = await findContent(file).catch((cause: unknown) => {
    throw unusable(hop, { where: file, problem: 'could not be read', cause })
  })
  if (content === undefined) throw unusable(hop, { where: file, problem: 'does not exist' })
  if (content.subarray(0, krlMagic.length).equals(krlMagic)) {
    throw new ConfigError(
      'UNSUPPORTED_OPTION',
      `revokedHostKeys: ${printable(file)} is a binary revocation list (KRL)`,
      {
        hop,
        phase: 'resolve',
        origin: 'option revokedHostKeys',
        hint: 'give a text file with the revoked public keys, one on a line',
      },
    )
  }
  return content
    .toString('utf8')
    .split('\n')
    .flatMap((text, index) => {
      const entry = text.trim()
      if (entry === '' || entry.startsWith('#')) return []
      const key = findHostKeyInText(entry)
      if (key === undefined)
        throw unusable(hop, { where: `${file}:${index + 1}`, problem: 'is no public key' })
      return [{ ...key, file, line: index + 1 }]
    })
}

function unusable(
  hop: HopRef,
  what: { readonly where: string; readonly problem: string; readonly cause?: unknown },
): SallyportError {
  return new SallyportError(
    'KNOWN_HOSTS_UNUSABLE',
    `the file of revoked host keys ${printable(what.where)} ${what.problem}`,
    {
      hop,
      phase: 'host-key',
      hint: 'without it no host key can be trusted; mend the file or remove revokedHostKeys',
      cause: what.cause,
    },
  )
}
