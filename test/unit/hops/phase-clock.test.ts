import { channel } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Settings } from '../../../src/config/settings.js'
import { deferred } from '../../../src/deferred.js'
import type { PhaseEvent } from '../../../src/diagnostics.js'
import { SallyportError } from '../../../src/errors.js'
import { PhaseClock, type PhaseLimits, phaseLimits } from '../../../src/hops/phase-clock.js'

const hop = { index: 1, count: 2, user: 'ops', host: 'db', port: 22, via: 'gw' }
const limits: PhaseLimits = {
  dial: 10,
  channel: 20,
  version: 30,
  'key-exchange': 40,
  'host-key': 50,
  authentication: 60,
}

let expired: SallyportError[]
let clock: PhaseClock
let told: PhaseEvent[]
const listen = (event: unknown): unknown => told.push(event as PhaseEvent)
beforeEach(() => {
  vi.useFakeTimers()
  expired = []
  told = []
  clock = new PhaseClock(hop, limits, (error) => expired.push(error))
  channel('sallyport:phase').subscribe(listen)
})
afterEach(() => {
  channel('sallyport:phase').unsubscribe(listen)
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('a phase', () => {
  it.each(Object.entries(limits))('%s has its own limit of %i ms', async (phase, limit) => {
    clock.enter(phase as keyof PhaseLimits)
    await vi.advanceTimersByTimeAsync(limit - 1)
    expect(expired).toEqual([])
    await vi.advanceTimersByTimeAsync(2)
    expect(expired).toMatchObject([
      {
        code: 'TIMEOUT',
        hop,
        phase,
        message: expect.stringMatching(`^db \\(hop 2 of 2\\): no .* within ${limit} ms$`),
      },
    ])
  })

  it('has another limit when it is given one, and the next phase its own again', async () => {
    clock.enter('dial')
    clock.allow(500)
    await vi.advanceTimersByTimeAsync(499)
    expect(expired).toEqual([])
    clock.enter('version')
    await vi.advanceTimersByTimeAsync(31)
    expect(expired).toMatchObject([{ phase: 'version' }])
    clock.enter('dial')
    clock.allow(5)
    await vi.advanceTimersByTimeAsync(6)
    expect(expired.slice(1)).toMatchObject([
      { phase: 'dial', message: expect.stringContaining('within 5 ms') },
    ])
  })

  it('has no limit where the settings say 0, as with ssh', async () => {
    const none = { ...limits, dial: 0 }
    clock = new PhaseClock(hop, none, (error) => expired.push(error))
    clock.enter('dial')
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(expired).toEqual([])
    clock.enter('version')
    await vi.advanceTimersByTimeAsync(31)
    expect(expired).toMatchObject([{ phase: 'version' }])
  })

  it('has no limit once it has ended', async () => {
    clock.enter('dial')
    await vi.advanceTimersByTimeAsync(9)
    clock.enter('version')
    await vi.advanceTimersByTimeAsync(29)
    clock.stop()
    await vi.advanceTimersByTimeAsync(100)
    expect(expired).toEqual([])
  })

  it('that is entered again begins anew', async () => {
    clock.enter('key-exchange')
    await vi.advanceTimersByTimeAsync(30)
    clock.enter('host-key')
    await vi.advanceTimersByTimeAsync(30)
    clock.enter('key-exchange')
    await vi.advanceTimersByTimeAsync(39)
    expect(expired).toEqual([])
    await vi.advanceTimersByTimeAsync(2)
    expect(expired).toMatchObject([{ phase: 'key-exchange' }])
  })

  it('lets a busy process look at its sockets before it is given up', async () => {
    clock.enter('dial')
    setTimeout(() => clock.enter('version'), 10) // the answer is found in the same turn, after the timer
    await vi.advanceTimersByTimeAsync(11)
    expect(expired).toEqual([])
    clock.stop()
  })

  it('tells what it has learned, also when it fails, and nothing of the phase before', () => {
    clock.enter('dial')
    clock.learn({ addresses: ['192.0.2.7'] })
    clock.learn({ lookupMs: 3 })
    clock.enter('version')
    clock.learn({ serverVersion: 'x' })
    clock.stop(new SallyportError('TIMEOUT', 'x', { hop }))
    expect(told.map(({ learned }) => learned)).toEqual([
      { addresses: ['192.0.2.7'], lookupMs: 3 },
      { serverVersion: 'x' },
    ])
  })

  it('is the one that is asked about: dial before all, session after all, the last one after a failure', () => {
    expect(clock.phase).toBe('dial')
    clock.enter('version')
    expect(clock.phase).toBe('version')
    clock.stop()
    expect(clock.phase).toBe('session')
    clock.enter('authentication')
    clock.stop(new SallyportError('AUTH_FAILED', 'x', { hop }))
    expect(clock.phase).toBe('authentication')
  })
})

describe('while a person is asked', () => {
  it('the clock stands still, and then has left what it had before', async () => {
    const answer = deferred<string>()
    clock.enter('authentication')
    await vi.advanceTimersByTimeAsync(40)
    const asked = clock.pausedDuring(() => answer.promise)
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(expired).toEqual([])
    answer.resolve('yes')
    expect(await asked).toBe('yes')
    await vi.advanceTimersByTimeAsync(19)
    expect(expired).toEqual([])
    await vi.advanceTimersByTimeAsync(2)
    expect(expired).toMatchObject([{ phase: 'authentication' }])
    clock.stop()
    expect(told).toMatchObject([{ durationMs: 61 }])
  })

  it('it runs on only after the last of several questions, also when one fails', async () => {
    const [one, two] = [deferred<void>(), deferred<void>()]
    clock.enter('host-key')
    const asked = [clock.pausedDuring(() => one.promise), clock.pausedDuring(() => two.promise)]
    one.reject(new Error('declined'))
    await expect(asked[0]).rejects.toThrow('declined')
    await vi.advanceTimersByTimeAsync(1000)
    expect(expired).toEqual([])
    two.resolve()
    await asked[1]
    await vi.advanceTimersByTimeAsync(51)
    expect(expired).toHaveLength(1)
  })

  it('a phase that begins meanwhile waits for the answer, too', async () => {
    const answer = deferred<void>()
    clock.enter('host-key')
    const asked = clock.pausedDuring(() => answer.promise)
    clock.enter('authentication')
    await vi.advanceTimersByTimeAsync(1000)
    expect(expired).toEqual([])
    answer.resolve()
    await asked
    await vi.advanceTimersByTimeAsync(61)
    expect(expired).toMatchObject([{ phase: 'authentication' }])
  })

  it('the end of the attempt ends the clock, and the answer does not start it again', async () => {
    const answer = deferred<void>()
    clock.enter('authentication')
    const asked = clock.pausedDuring(() => answer.promise)
    clock.stop(new SallyportError('TIMEOUT', 'x', { hop }))
    answer.resolve()
    await asked
    await vi.advanceTimersByTimeAsync(1000)
    expect(expired).toEqual([])
  })
})

describe('what is told of a phase', () => {
  it('is its time, and what was learned in it and in no other', async () => {
    clock.enter('dial')
    clock.note('127.0.0.1:22')
    await vi.advanceTimersByTimeAsync(5)
    clock.enter('version')
    await vi.advanceTimersByTimeAsync(7)
    clock.stop()
    expect(told).toEqual([
      { hop, phase: 'dial', durationMs: 5, error: undefined, detail: '127.0.0.1:22', learned: {} },
      { hop, phase: 'version', durationMs: 7, error: undefined, detail: undefined, learned: {} },
    ])
  })

  it('is the error that ended it, once', () => {
    const error = new SallyportError('NOT_SSH', 'x', { hop })
    clock.enter('version')
    clock.stop(error)
    clock.stop()
    expect(told).toMatchObject([{ phase: 'version', error }])
  })
})

describe('the limits that settings ask for', () => {
  const limitsOf = (settings: Partial<Settings>): PhaseLimits =>
    phaseLimits({ connectTimeoutMs: undefined, authTimeoutMs: 30_000, ...settings } as Settings)

  it('are those of the documentation where nothing was asked for', () => {
    expect(limitsOf({})).toEqual({
      dial: 10_000,
      channel: 10_000,
      version: 10_000,
      'key-exchange': 20_000,
      'host-key': 20_000,
      authentication: 30_000,
    })
  })

  it('are the connect timeout for each phase but the authentication', () => {
    const { authentication, ...others } = limitsOf({ connectTimeoutMs: 7, authTimeoutMs: 9 })
    expect(authentication).toBe(9)
    expect(new Set(Object.values(others))).toEqual(new Set([7]))
  })
})
