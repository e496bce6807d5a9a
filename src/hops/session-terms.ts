// What a hop's settings say about the commands and shells on it, in terms that need no settings.

import { matchesPattern } from '../config/pattern.js'
import type { Settings } from '../config/settings.js'
import type { ForwardingTerms, SessionTerms } from './lease.js'

/**
 * The terms of a hop: its variables as of ssh_config(5) SendEnv and SetEnv, RemoteCommand and RequestTTY. `env` is the
 * environment of this process.
 */
export function sessionTerms(
  settings: Settings,
  env: Readonly<Record<string, string | undefined>>,
): SessionTerms {
  const { sendEnv, setEnv, remoteCommand, requestTty, sessionType } = settings
  return {
    // Asked for by commands only: to read the environment takes longer than to open a stream.
    get env() {
      const sent = Object.entries(env).flatMap(([name, value]) =>
        value !== undefined && sendEnv.some((pattern) => matchesPattern(name, pattern))
          ? [[name, value]]
          : [],
      )
      return Object.freeze(Object.fromEntries([...sent, ...Object.entries(setEnv)]))
    },
    remoteCommand: remoteCommand?.toLowerCase() === 'none' ? undefined : remoteCommand,
    requestTty,
    sessionType,
    forwarding: forwardingTerms(settings),
  }
}

function forwardingTerms(settings: Settings): ForwardingTerms {
  const { gatewayPorts, permitRemoteOpen, streamLocalBindMask, streamLocalBindUnlink } = settings
  const [only] = permitRemoteOpen
  return {
    gatewayPorts,
    permitRemoteOpen: only === 'any' ? undefined : only === 'none' ? [] : permitRemoteOpen,
    streamLocalBindMask,
    streamLocalBindUnlink,
  }
}
