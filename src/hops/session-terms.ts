// What a hop's settings say about the commands and shells on it, in terms that need no settings.

import { matchesPattern } from '../config/pattern.js'
import type { Settings } from '../config/settings.js'
import type { SessionTerms } from './lease.js'

/**
 * The terms of a hop: its variables as of ssh_config(5) SendEnv and SetEnv, RemoteCommand and RequestTTY. `env` is the
 * environment of this process.
 */
export function sessionTerms(
  { sendEnv, setEnv, remoteCommand, requestTty }: Settings,
  env: Readonly<Record<string, string | undefined>>,
): SessionTerms {
  const sent = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && sendEnv.some((pattern) => matchesPattern(name, pattern)) ? [[name, value]] : [],
  )
  return {
    env: Object.freeze(Object.fromEntries([...sent, ...Object.entries(setEnv)])),
    remoteCommand: remoteCommand?.toLowerCase() === 'none' ? undefined : remoteCommand,
    requestTty,
    sessionType: 'default',
    forwarding: {
      gatewayPorts: false,
      permitRemoteOpen: undefined,
      streamLocalBindMask: 0o177,
      streamLocalBindUnlink: false,
    },
  }
}
