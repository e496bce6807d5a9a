// Values that are one of a few words, in any case; each word has the canonical word that ssh -G prints.

import { printable } from '../../../printable.js'
import { asciiLowerCase } from '../../ascii-lower-case.js'
import { Unacceptable } from '../keyword.js'
import type { WordReader } from './arity.js'

/** Reads one of the words that `canonical` names, in any case, into its canonical word. */
export function choice(canonical: Readonly<Record<string, string>>): WordReader {
  const table = new Map(Object.entries(canonical))
  return (word) => {
    const found = table.get(asciiLowerCase(word))
    if (found === undefined) throw new Unacceptable(`unsupported option "${printable(word)}"`)
    return found
  }
}

/** `yes` or `no`. */
export const flag = choice({ yes: 'yes', true: 'yes', no: 'no', false: 'no' })

// ssh -G prints the first of the words that mean the same; for the following kinds these are true and false.
const trueOrFalse = { true: 'true', yes: 'true', false: 'false', no: 'false' }

export const addressFamily = choice({ inet: 'inet', inet6: 'inet6', any: 'any' })
export const canonicalizeHostname = choice({ ...trueOrFalse, always: 'always' })
export const compression = choice({ yes: 'yes', no: 'no' })
export const controlMaster = choice({ ...trueOrFalse, auto: 'auto', ask: 'ask', autoask: 'autoask' })
export const pubkeyAuthentication = choice({
  ...trueOrFalse,
  unbound: 'unbound',
  'host-bound': 'host-bound',
})
export const requestTty = choice({ ...trueOrFalse, force: 'force', auto: 'auto' })
export const sessionType = choice({ none: 'none', subsystem: 'subsystem', default: 'default' })
export const strictHostKeyChecking = choice({
  ...trueOrFalse,
  ask: 'ask',
  off: 'false',
  'accept-new': 'accept-new',
})
export const tunnel = choice({
  ethernet: 'ethernet',
  'point-to-point': 'point-to-point',
  true: 'point-to-point',
  yes: 'point-to-point',
  false: 'false',
  no: 'false',
})
export const warnWeakCrypto = choice({ yes: 'yes', true: 'yes', no: 'no', false: 'no', 'no-pq-kex': 'no' })
export const yesNoAsk = choice({ ...trueOrFalse, ask: 'ask' })
export const yesNoAskConfirm = choice({ ...trueOrFalse, ask: 'ask', confirm: 'confirm' })
