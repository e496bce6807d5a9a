// The question to a person about a host key that is not known yet, and what counts as an answer. Asking is the
// caller's: the terminal's or the program's.

import type { Ask } from '../config/callbacks.js'
import { formatHop } from '../errors.js'
import { printable } from '../printable.js'
import { keyTypeLabel } from './public-key.js'
import type { OfferedKey } from './refusals.js'

const mostQuestions = 3

/**
 * Whether a person accepted the key: by `yes`, or by its fingerprint. Asks again after anything else but `no` and
 * an empty answer, three times in all, and then counts as declined. Rejects as `ask` does.
 */
export async function personAccepts(
  ask: Ask,
  offer: OfferedKey,
  { signal }: { readonly signal: AbortSignal },
): Promise<boolean> {
  let text = questionText(offer)
  for (let asked = 0; asked < mostQuestions; asked += 1) {
    const answer = await ask({ kind: 'host-key', hop: offer.hop, text, echo: true, signal })
    if (typeof answer !== 'string') return false
    const words = answer.trim()
    if (words === offer.key.fingerprint || words.toLowerCase() === 'yes') return true
    if (words === '' || words.toLowerCase() === 'no') return false
    text = `${formatHop(offer.hop)}: answer 'yes', 'no' or the fingerprint: `
  }
  return false
}

function questionText({ hop, key, record }: OfferedKey): string {
  const via = hop.via === undefined ? '' : `, reached through ${printable(hop.via)}`
  const unread = record.unreadFiles.map(
    ({ where }) => `${printable(where)} cannot be read and might have it.\n`,
  )
  return (
    `${formatHop(hop)}: no host key is known for '${printable(record.lookupName)}'${via}.\n` +
    unread.join('') +
    `Its ${printable(keyTypeLabel(key.type))} key has the fingerprint ${key.fingerprint}.\n` +
    'Connect and remember this key (yes/no/the fingerprint)? '
  )
}
