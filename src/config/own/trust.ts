// What a configuration may say that the user did not write: where hosts are and how to log in, but nothing that runs a
// command here or there, nothing that decides who is trusted, and nothing that switches off what the user's own ssh_config
// says. That what it says about addresses takes no secret elsewhere is the route's business. And where trust comes from.

import { sep } from 'node:path'
import type { ConfigProblem } from '../../errors.js'
import type { SettingName } from '../settings.js'
import type { Part } from './answer.js'
import type { SshConfigChoice } from './own-config.js'

/** Without trust a file may set these, and no other: a setting that is new needs trust until someone thought about it. */
const harmless: ReadonlySet<SettingName> = new Set([
  'user',
  'port',
  'hostName',
  'addressFamily',
  'bindAddress',
  'bindInterface',
  'connectionAttempts',
  'tcpKeepAlive',
  'connectTimeoutMs',
  'authTimeoutMs',
  'serverAliveIntervalMs',
  'serverAliveCountMax',
  'hashKnownHosts',
  'identityFile',
  'identitiesOnly',
  'password',
  'passphrase',
  'preferredAuthentications',
  'pubkeyAuthentication',
  'passwordAuthentication',
  'kbdInteractiveAuthentication',
  'numberOfPasswordPrompts',
  'batchMode',
  'compression',
  'requestTty',
])

/** Values that are harmless though others of the same setting are not. */
function isHarmless(name: SettingName, value: unknown): boolean {
  if (harmless.has(name)) return true
  if (name === 'strictHostKeyChecking') return value === 'yes' || value === 'ask'
  if (name === 'requireStrictKex') return value === true
  return name === 'forwardAgent' && value === false
}

/** What in a configuration needs trust, in its order. */
export function findWhatNeedsTrust(
  parts: readonly Part[],
  sshConfig: SshConfigChoice | undefined,
): readonly ConfigProblem[] {
  const needing: ConfigProblem[] = []
  for (const { values, gateway } of parts) {
    for (const [name, { value, origin }] of values) {
      if (!isHarmless(name, value))
        needing.push({ origin, message: `a file that is not trusted cannot set ${name}` })
    }
    if (gateway?.kind === 'command') {
      needing.push({ origin: gateway.origin, message: 'a file that is not trusted cannot name a command' })
    }
  }
  if (sshConfig !== undefined) {
    needing.push({ origin: sshConfig.origin, message: 'a file that is not trusted cannot choose ssh_config' })
  }
  return needing
}

/** Whether trust is given to all project files, to none, or to those in these directories (absolute, links followed). */
export type Trust = boolean | readonly string[]

/** Whether a file in `directory` is trusted. */
export function isTrusted(directory: string, trust: Trust): boolean {
  if (typeof trust === 'boolean') return trust
  return trust.some(
    (trusted) => directory === trusted || directory.startsWith(trusted.replace(/[/\\]*$/, sep)),
  )
}
