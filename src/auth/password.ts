// The method `password` (RFC 4252 8): the one of the settings, then by asking.

import { SallyportError } from '../errors.js'
import { askPerson, passwordQuestion } from './ask.js'
import type { AttemptLog } from './attempt-log.js'
import type { AuthContext, Offers } from './context.js'

/** The password of the settings; a function is called once, when the password is first needed. */
export type GivenPassword = () => Promise<string | undefined>

export function givenPassword({ settings, hop, pausedDuring }: AuthContext, log: AttemptLog): GivenPassword {
  let known: Promise<string | undefined> | undefined
  const find = async (): Promise<string | undefined> => {
    const { password } = settings
    if (typeof password !== 'function') return password
    try {
      return await pausedDuring(async () => password(hop))
    } catch (cause) {
      if (cause instanceof SallyportError) throw cause
      const note = 'the password function failed'
      log.skip({ method: 'password', source: 'option password', note }, { code: 'AUTH_FAILED', cause })
      return undefined
    }
  }
  return () => {
    known ??= find()
    return known
  }
}

export function passwordOffers(context: AuthContext, given: GivenPassword): Offers {
  const { ask, hop, settings, secretsAllowed } = context
  let typed = 0
  return async function* () {
    const password = await given()
    if (password !== undefined) {
      yield {
        attempt: { method: 'password', password },
        id: 'password of the settings',
        source: 'option password',
      }
    }
    const prompts = ask === undefined ? 0 : settings.numberOfPasswordPrompts
    for (let prompt = 0; prompt < prompts && secretsAllowed(); prompt++) {
      const text = passwordQuestion(hop)
      const answer = await askPerson(context, { kind: 'password', text, echo: false })
      typed += 1
      yield {
        attempt: { method: 'password', password: answer },
        id: `password typed, ${typed}`,
        source: 'asked',
      }
    }
  }
}
