// The home directory of a file of tests, and the environment by which the program lives in it.

import { afterAll } from 'vitest'
import { type TempHome, tempHome } from '../support/temp-home.js'

/** Until the last test of the file has ended. No agent is in sight. */
export function ownHome(): { readonly home: TempHome; readonly env: NodeJS.ProcessEnv } {
  const home = tempHome()
  afterAll(() => home[Symbol.dispose]())
  return { home, env: { HOME: home.path, SSH_AUTH_SOCK: '' } }
}
