// Which hosts a part of a configuration concerns, and what must not be said about so many: the rules that keep one
// host's secrets and names from others, and that leave no switch which accepts every host key.

import { type SettingName, settingsTable } from '../settings.js'

/** `one host`: its name without wildcards. `every host`: the top level, or a pattern such as `*`. */
export type Reach = 'every host' | 'some hosts' | 'one host'

/** The reach of a list of patterns as of ssh's `Host`. */
export function reachOf(patterns: string): Reach {
  const list = patterns.split(/[\s,]+/).filter((pattern) => pattern !== '')
  if (list.some((pattern) => /^[*?]+$/.test(pattern))) return 'every host'
  return list.length === 1 && !/[*?!]/.test(patterns) ? 'one host' : 'some hosts'
}

/** These name one host, or what belongs to it alone. */
const namesOneHost: ReadonlySet<SettingName> = new Set(['hostName', 'hostKeyAlias', 'hostKeyFingerprints'])

/** Why a value cannot stand where it concerns so many; `undefined` when it can. */
export function findMisplaced(name: SettingName, value: unknown, reach: Reach): string | undefined {
  if (settingsTable[name].secret === true) {
    return reach === 'one host'
      ? undefined
      : 'a secret needs the name of one host, without wildcards, in hosts'
  }
  if (reach !== 'every host') return undefined
  if (namesOneHost.has(name)) return 'belongs to one host: give it in hosts'
  if (name === 'verifyHostKey' || (name === 'strictHostKeyChecking' && value === 'no')) {
    return 'would decide about the host keys of all hops: give it in hosts'
  }
  if (name === 'forwardAgent' && value !== false) return 'would lend the agent to all hops: give it in hosts'
  return undefined
}
