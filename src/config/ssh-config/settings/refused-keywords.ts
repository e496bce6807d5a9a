// Keywords that would be less safe to ignore than ssh is with them: for each, whether its use is an error or a warning.
// A keyword of the group `refused` that is not here is an error, so that none is passed over by mistake.

import { ConfigError } from '../../../errors.js'
import { printable } from '../../../printable.js'
import type { SshConfigAnswer } from '../answer.js'
import { type KeywordName, keywords } from '../keywords.js'
import type { Obtained } from '../obtained.js'
import { isNone } from '../tokens/expand-values.js'
import { settingByKeyword } from './setting-keywords.js'

interface Circumstances {
  /** The caller has a gateway, or wants none. */
  readonly isGatewayGiven: boolean
  /** The host only leads to the next: nothing is run on it. */
  readonly leadsOn: boolean
}

type Judge = (obtained: Obtained, answer: SshConfigAnswer, circumstances: Circumstances) => Judgement

type Judgement = 'as ssh' | { readonly warning: string } | { readonly error: ConfigError }

const judges: ReadonlyMap<KeywordName, Judge> = new Map<KeywordName, Judge>([
  // Without the certificate the server may refuse the key, and that is all.
  ['CertificateFile', () => ({ warning: 'certificates are not supported: this one is not offered' })],
  // A key that only the DNS knows is unknown here, which is stricter.
  [
    'VerifyHostKeyDNS',
    () => ({ warning: 'host keys are not looked up in the DNS: one that only the DNS knows is unknown' }),
  ],
  // ssh would refuse a host whose address is known by another key.
  ['CheckHostIP', () => ({ warning: 'host keys are looked up by name only, not by address' })],
  // The command may be the only one to know that a key is revoked.
  ['KnownHostsCommand', (obtained) => unsupported('KnownHostsCommand', obtained)],
  // A program on the other side would read what is not meant for it.
  [
    'StdinNull',
    (_obtained, _answer, { leadsOn }) =>
      leadsOn ? 'as ssh' : { warning: 'standard input is taken away by -n alone, or by the program itself' },
  ],
  [
    'ProxyUseFdpass',
    (obtained, { values }, { isGatewayGiven }) => {
      const [command = 'none'] = values.get('ProxyCommand')?.[0]?.words ?? []
      return isGatewayGiven || isNone(command) ? 'as ssh' : unsupported('ProxyUseFdpass', obtained)
    },
  ],
])

/**
 * Judges what the answer has of such keywords, and of RefuseConnection: the warnings, one line each. Throws
 * {@link ConfigError} UNSUPPORTED_OPTION or CONNECTION_NOT_ALLOWED.
 */
export function judgeRefused(answer: SshConfigAnswer, circumstances: Circumstances): readonly string[] {
  const warnings: string[] = []
  for (const [keyword, [obtained]] of answer.values) {
    if (obtained === undefined) continue
    if (keyword === 'RefuseConnection') throw notAllowed(obtained)
    if (keywords[keyword].group !== 'refused' || settingByKeyword.has(keyword)) continue
    if (isOff(obtained)) continue
    const judgement = judges.get(keyword)?.(obtained, answer, circumstances) ?? unsupported(keyword, obtained)
    if (judgement === 'as ssh') continue
    if ('error' in judgement) throw judgement.error
    warnings.push(`${obtained.origin}: ${keyword}: ${judgement.warning}`)
  }
  return warnings
}

function isOff({ words: [word = 'none'] }: Obtained): boolean {
  return /^(?:no|false|none)$/i.test(word.trim())
}

function unsupported(keyword: KeywordName, { origin }: Obtained): Judgement {
  const message = `${keyword} is not supported, and to ignore it would be unsafe`
  const details = { origin, phase: 'resolve', problems: [{ origin, message }] } as const
  return { error: new ConfigError('UNSUPPORTED_OPTION', `${origin}: ${message}`, details) }
}

function notAllowed({ words, origin }: Obtained): ConfigError {
  const message = printable(words.join(' ')) || 'the connection is refused'
  const details = { origin, phase: 'resolve', problems: [{ origin, message }] } as const
  return new ConfigError('CONNECTION_NOT_ALLOWED', `${origin}: ${message}`, details)
}
