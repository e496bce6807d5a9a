// Decrypting a key file: with the passphrase of the settings, then by asking. The passphrase is kept nowhere.

import { SallyportError } from '../errors.js'
import type { PrivateKey } from '../wire/wire.js'
import { askPerson, passphraseQuestion } from './ask.js'
import type { AuthContext } from './context.js'

/**
 * Resolves to the decrypted key. Rejects with `PASSPHRASE_NEEDED` when no passphrase is right, with
 * `IDENTITY_UNUSABLE` when the file cannot be used even so, and with `CANCELLED` when a person declines. The messages
 * are notes for the log of attempts, which names the file.
 */
export async function unlock(
  context: AuthContext,
  encrypted: { readonly file: string; readonly text: Buffer },
): Promise<PrivateKey> {
  const { file, text } = encrypted
  let reason = 'it is encrypted, and there is no passphrase for it'
  for await (const passphrase of passphrases(context, file)) {
    const key = context.keys.parsePrivateKey(text, passphrase)
    if (!('problem' in key)) return key
    if (key.problem !== 'wrong passphrase') throw failure('IDENTITY_UNUSABLE', key.detail)
    reason = 'it is encrypted, and the passphrase is wrong'
  }
  throw failure('PASSPHRASE_NEEDED', reason)
}

async function* passphrases(context: AuthContext, file: string): AsyncGenerator<string, void, void> {
  const { settings, hop, ask } = context
  const given = await givenPassphrase(context, file)
  if (given !== undefined) yield given
  const prompts = ask === undefined ? 0 : settings.numberOfPasswordPrompts
  for (let prompt = 0; prompt < prompts; prompt++) {
    const text = passphraseQuestion(hop, file)
    const answer = await askPerson(context, { kind: 'passphrase', text, echo: false })
    // As with ssh, an empty answer goes on to the next key.
    if (answer === '') return
    yield answer
  }
}

async function givenPassphrase(
  { settings, hop, pausedDuring }: AuthContext,
  file: string,
): Promise<string | undefined> {
  const { passphrase } = settings
  if (typeof passphrase !== 'function') return passphrase
  try {
    return await pausedDuring(async () => passphrase({ hop, file }))
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause
    throw failure('PASSPHRASE_NEEDED', 'it is encrypted, and the passphrase function failed', cause)
  }
}

function failure(
  code: 'IDENTITY_UNUSABLE' | 'PASSPHRASE_NEEDED',
  what: string,
  cause?: unknown,
): SallyportError {
  return new SallyportError(code, what, { phase: 'authentication', cause })
}
