// What `check` found, as lines for people: one block for each hop, one line for each phase.

import { type AcceptedHostKey, type OfferedCredential, printable } from '../index.js'
import type { CheckedPhase } from './checked-phases.js'
import type { Paint } from './paint.js'
import type { CheckedHop } from './route-walk.js'
import { shortPath } from './short-path.js'

const longest = 400
const labelWidth = 16
const timeWidth = 10

/** The lines of one hop; `heading` is its line in the route. */
export function hopLines(
  { phases, state, durationMs }: CheckedHop,
  { heading, paint }: { readonly heading: string; readonly paint: Paint },
): readonly string[] {
  const lines = phases.flatMap((phase) => {
    const failed = phase.outcome === 'failed' ? [paint('red', 'failed')] : []
    const [first = '', ...more] = [...failed, ...findingsOf(phase)]
    return [
      row(labels[phase.phase], phase.durationMs, first),
      ...more.map((text) => ' '.repeat(indent) + text),
    ]
  })
  if (state === 'open') lines.push(row('open', durationMs, ''))
  if (state === 'not reached') lines.push(`   ${paint('yellow', 'not reached')}`)
  else if (state === 'failed' && phases.length === 0) lines.push(`   ${paint('red', 'failed')}`)
  return [paint('bold', heading), ...lines]
}

const indent = 3 + labelWidth + timeWidth + 2

const labels: Readonly<Record<CheckedPhase['phase'], string>> = {
  'name-resolution': 'name resolution',
  connect: 'connect',
  command: 'ProxyCommand',
  dialer: 'dialer',
  proxy: 'proxy',
  'remote-command': 'command there',
  channel: 'channel',
  version: 'version',
  'key-exchange': 'key exchange',
  'host-key': 'host key',
  authentication: 'authentication',
}

function row(label: string, durationMs: number, text: string): string {
  const time = `${durationMs.toFixed(1)} ms`
  return `   ${label.padEnd(labelWidth)}${time.padStart(timeWidth)}  ${text}`.trimEnd()
}

/** What the phase found, one line each; all of it foreign text made safe. */
function findingsOf(phase: CheckedPhase): readonly string[] {
  return wordsOf(phase)
    .filter((text) => text !== '')
    .map((text) => printable(text, longest))
}

function wordsOf(phase: CheckedPhase): readonly string[] {
  switch (phase.phase) {
    case 'name-resolution':
      return [phase.addresses.join(', ')]
    case 'connect':
    case 'command':
    case 'dialer':
    case 'proxy':
    case 'remote-command':
    case 'channel':
      return [phase.to ?? '']
    case 'version':
      return [phase.serverVersion ?? '']
    case 'key-exchange': {
      if (phase.algorithms === undefined) return []
      const { kex, hostKey, cipher, mac, compression, strictKex } = phase.algorithms
      const names = [cipher, ...(mac === '' ? [] : [mac]), ...(compression === 'none' ? [] : [compression])]
      return [`${kex}, ${hostKey}`, `${names.join(', ')}${strictKex ? '' : ', not strict'}`]
    }
    case 'host-key': {
      if (phase.hostKey === undefined) return []
      const { type, fingerprint, by, known } = phase.hostKey
      const lines = known.map(({ file, line }) => `known by ${shortPath(file)}:${line}`)
      return [`${type} ${fingerprint}`, ...(by === 'known_hosts' ? lines : [acceptedBy(by)])]
    }
    case 'authentication':
      return phase.credentials.map(describeCredential)
  }
}

function acceptedBy(setting: AcceptedHostKey['by']): string {
  if (setting === 'ask') return 'was not known; you have accepted it'
  return setting === 'hostKeyFingerprints' ? `pinned by ${setting}` : `let in by ${setting}`
}

function describeCredential({ method, fingerprint, source, outcome, note }: OfferedCredential): string {
  const origin = source === undefined ? undefined : `(${shortPath(source)})`
  const what = [method, fingerprint, origin].filter((word) => word !== undefined).join(' ')
  return `${what}: ${outcome}${note === undefined ? '' : `, ${note}`}`
}
