import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, describe, expect, it } from 'vitest'
import { reportChannel, reportHop, reportPhase, reportWarning } from '../../src/diagnostics.js'
import { SallyportError } from '../../src/errors.js'

const hop = { index: 0, count: 1, user: 'ops', host: 'bastion', port: 22 }
const undo: (() => void)[] = []
afterEach(() => {
  for (const leave of undo.splice(0)) leave()
})

function listen(name: string): unknown[] {
  const events: unknown[] = []
  const listener = (event: unknown): unknown => events.push(event)
  subscribe(name, listener)
  undo.push(() => unsubscribe(name, listener))
  return events
}

describe('what the library tells', () => {
  it('reaches those who listen to its own channel, as it is', () => {
    const error = new SallyportError('TIMEOUT', 'too slow', { hop })
    const told = {
      'sallyport:phase': listen('sallyport:phase'),
      'sallyport:hop': listen('sallyport:hop'),
      'sallyport:channel': listen('sallyport:channel'),
      'sallyport:warning': listen('sallyport:warning'),
    }
    const phase = { hop, phase: 'dial', durationMs: 1, detail: '127.0.0.1:22', learned: {} } as const
    const state = { hop, state: 'failed', durationMs: 2, error } as const
    const channel = {
      hop,
      kind: 'stream',
      state: 'open',
      address: { path: '/run/x' },
      durationMs: 3,
    } as const
    const warning = { hop, message: 'unsafe' }
    reportPhase(phase)
    reportHop(state)
    reportChannel(channel)
    reportWarning(warning)
    expect(told).toEqual({
      'sallyport:phase': [phase],
      'sallyport:hop': [state],
      'sallyport:channel': [channel],
      'sallyport:warning': [warning],
    })
  })

  it('does not reach those who have left, and fails nobody', () => {
    const events = listen('sallyport:warning')
    for (const leave of undo.splice(0)) leave()
    expect(() => reportWarning({ message: 'nobody hears this' })).not.toThrow()
    expect(events).toEqual([])
  })
})
