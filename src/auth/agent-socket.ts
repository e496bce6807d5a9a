// Where the SSH agent listens: ssh_config(5) IdentityAgent.

import { expandHome } from '../config/home-path.js'
import type { Settings } from '../config/settings.js'
import type { AuthContext } from './context.js'

/**
 * The path of the agent's socket: by default that of `SSH_AUTH_SOCK`; `undefined` for `none` and for a variable that
 * is not set.
 */
export function findAgentSocket({
  settings,
  env,
}: Pick<AuthContext, 'env'> & { readonly settings: Pick<Settings, 'identityAgent'> }): string | undefined {
  const agent = settings.identityAgent ?? 'SSH_AUTH_SOCK'
  if (agent === 'none') return undefined
  const variable = agent === 'SSH_AUTH_SOCK' ? agent : /^\$\{?(\w+)\}?$/.exec(agent)?.[1]
  return variable === undefined ? expandHome(agent, env) : env[variable] || undefined
}
