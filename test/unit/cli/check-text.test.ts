// What `check` shows of phases that no test server can be made to go through, and of what servers say.

import { describe, expect, it } from 'vitest'
import { hopLines } from '../../../src/cli/check-text.js'
import { type CheckedPhase, checkedPhases } from '../../../src/cli/checked-phases.js'
import type { CheckedHop } from '../../../src/cli/route-walk.js'
import { ConnectError, type HopLink, type PhaseEvent, type PhaseFacts } from '../../../src/index.js'

const hop = { index: 0, count: 1, user: 'ops', host: 'db', port: 22 }
const error = new ConnectError('TIMEOUT', 'too slow', { hop, phase: 'dial' })

function event(
  phase: PhaseEvent['phase'],
  learned: PhaseFacts = {},
  rest: Partial<PhaseEvent> = {},
): PhaseEvent {
  return { hop, phase, durationMs: 2, learned, ...rest }
}

function names(link: HopLink['kind'], events: readonly PhaseEvent[]): readonly string[] {
  return checkedPhases(link, events).map(({ phase, outcome }) => `${phase} ${outcome}`)
}

function lines(phases: readonly CheckedPhase[], rest: Partial<CheckedHop> = {}): readonly string[] {
  const link = { kind: 'tcp', origin: { from: 'default', beat: [] } } as const
  const checked = {
    host: 'db',
    hostName: 'db',
    user: 'ops',
    port: 22,
    link,
    state: 'open',
    durationMs: 1,
    phases,
  } as const
  return hopLines({ ...checked, ...rest }, { heading: 'heading', paint: (_style, text) => text })
}

describe('the phases', () => {
  it('a dial by TCP is the look-up of the name, and what is left of it the connecting', () => {
    const [lookUp, connect] = checkedPhases('tcp', [
      event('dial', { addresses: ['::1'], lookupMs: 0.5 }, { detail: '[::1]:22' }),
    ])
    expect(lookUp).toEqual({ phase: 'name-resolution', durationMs: 0.5, outcome: 'ok', addresses: ['::1'] })
    expect(connect).toEqual({ phase: 'connect', durationMs: 1.5, outcome: 'ok', to: '[::1]:22' })
  })

  it.each([
    [{}, ['name-resolution failed']],
    [{ addresses: [], lookupMs: 2 }, ['name-resolution failed']],
    [{ addresses: ['::1'], lookupMs: 1 }, ['name-resolution ok', 'connect failed']],
  ])('a failed dial that learned %j failed in %j', (learned, expected) => {
    expect(names('tcp', [event('dial', learned, { error })])).toEqual(expected)
  })

  it('a dial by other ways has their name', () => {
    expect(names('command', [event('dial')])).toEqual(['command ok'])
    expect(names('dialer', [event('dial')])).toEqual(['dialer ok'])
    expect(names('channel', [event('channel')])).toEqual(['channel ok'])
  })

  it('a key exchange that the check of the host key interrupts is one, with the outcome of its end', () => {
    const algorithms = { kex: 'k', hostKey: 'h', cipher: 'c', mac: '', compression: 'none', strictKex: true }
    const events = [event('key-exchange'), event('host-key'), event('key-exchange', { algorithms })]
    expect(checkedPhases('tcp', events)[0]).toEqual({
      phase: 'key-exchange',
      durationMs: 4,
      outcome: 'ok',
      algorithms,
    })
    expect(names('tcp', events)).toEqual(['key-exchange ok', 'host-key ok'])
    expect(names('tcp', [event('key-exchange'), event('host-key', {}, { error })])).toEqual([
      'key-exchange ok',
      'host-key failed',
    ])
  })
})

describe('the lines', () => {
  const ok = { durationMs: 1, outcome: 'ok' } as const

  it('what a server says is shown without its escapes', () => {
    const [, line] = lines([{ phase: 'version', ...ok, serverVersion: 'OpenSSH\u001b[2J\u202e' }])
    expect(line).toBe('   version             1.0 ms  OpenSSH\\x1b[2J\\u202e')
  })

  it('a weak exchange, compression and a MAC are named', () => {
    const algorithms = {
      kex: 'k',
      hostKey: 'h',
      cipher: 'c',
      mac: 'm',
      compression: 'zlib',
      strictKex: false,
    }
    expect(lines([{ phase: 'key-exchange', ...ok, algorithms }]).slice(1, 3)).toEqual([
      '   key exchange        1.0 ms  k, h',
      '                               c, m, zlib, not strict',
    ])
  })

  it.each([
    ['ask', 'was not known; you have accepted it'],
    ['hostKeyFingerprints', 'pinned by hostKeyFingerprints'],
    ['strictHostKeyChecking', 'let in by strictHostKeyChecking'],
  ] as const)('a host key tells that it was let in by %s', (by, text) => {
    const hostKey = { type: 'ssh-ed25519', fingerprint: 'SHA256:x', by, known: [] }
    expect(lines([{ phase: 'host-key', ...ok, hostKey }])[2]?.trim()).toBe(text)
  })

  it('a phase that failed says so first, then what it found', () => {
    const credentials = [{ method: 'password', source: 'asked', outcome: 'unanswered' }] as const
    const phase = { phase: 'authentication', durationMs: 1, outcome: 'failed', credentials } as const
    expect(lines([phase], { state: 'failed' }).slice(1)).toEqual([
      '   authentication      1.0 ms  failed',
      '                               password (asked): unanswered',
    ])
  })

  it('a hop that failed before its first phase, and one that was not reached, say so', () => {
    expect(lines([], { state: 'failed' })).toEqual(['heading', '   failed'])
    expect(lines([], { state: 'not reached' })).toEqual(['heading', '   not reached'])
  })
})
