import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HopRef } from '../../../src/errors.js'
import { type OpenHop, watchLiveness } from '../../../src/hops/keepalive.js'
import type { Session } from '../../../src/wire/wire.js'

const intervalMs = 1000
let skippedMs = 0

beforeEach(() => {
  vi.useFakeTimers()
  skippedMs = 0
  const running = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => running() + skippedMs)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** A peer that answers questions while it `isAlive`. */
class Peer implements OpenHop {
  readonly hop: HopRef
  readonly session: Session
  isAlive = true
  pings = 0
  lastReceivedAt = performance.now()

  constructor(host: string) {
    this.hop = { index: 0, count: 1, user: 'ops', host, port: 22 }
    const peer = this
    this.session = {
      get lastReceivedAt() {
        return peer.lastReceivedAt
      },
      ping: () => {
        this.pings += 1
        if (this.isAlive) setTimeout(() => this.says(), 5)
      },
    } as Session
  }

  says(): void {
    this.lastReceivedAt = performance.now()
  }
}

interface Watch {
  readonly silences: { readonly host: string; readonly silentMs: number }[]
  readonly stop: () => void
}

function watch(
  watched: Peer,
  { before = [], countMax = 3 }: { before?: readonly Peer[]; countMax?: number } = {},
): Watch {
  const silences: Watch['silences'] = []
  const onSilent = ({ host }: HopRef, silentMs: number): unknown => silences.push({ host, silentMs })
  return { silences, stop: watchLiveness(watched, { intervalMs, countMax, before, onSilent }) }
}

const pass = (intervals: number): Promise<unknown> => vi.advanceTimersByTimeAsync(intervals * intervalMs + 10)

describe('a peer', () => {
  it('that answers is asked for ever and never given up', async () => {
    const peer = new Peer('gw')
    const { silences, stop } = watch(peer)
    await pass(1000)
    expect(silences).toEqual([])
    expect(peer.pings).toBeGreaterThan(400)
    stop()
  })

  it('that speaks by itself is not asked', async () => {
    const peer = new Peer('gw')
    const { stop } = watch(peer)
    for (let interval = 0; interval < 20; interval++) {
      peer.says()
      await vi.advanceTimersByTimeAsync(intervalMs / 2)
    }
    expect(peer.pings).toBe(0)
    stop()
  })

  it.each([1, 2, 3])(
    'that leaves %i questions unanswered is silent, and is told of once',
    async (countMax) => {
      const peer = new Peer('gw')
      const { silences } = watch(peer, { countMax })
      peer.isAlive = false
      await pass(countMax)
      expect(peer.pings).toBe(countMax)
      expect(silences).toEqual([])
      await pass(1)
      expect(silences).toEqual([{ host: 'gw', silentMs: expect.closeTo((countMax + 1) * intervalMs, -2) }])
      await pass(10)
      expect(silences).toHaveLength(1)
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  it('that answers the last question has all of them again', async () => {
    const peer = new Peer('gw')
    const { silences, stop } = watch(peer)
    peer.isAlive = false
    await pass(3)
    peer.says()
    await pass(3)
    expect(silences).toEqual([])
    stop()
  })

  it('is not given up by a process that slept: what it said may still wait to be read', async () => {
    const peer = new Peer('gw')
    const { silences } = watch(peer)
    peer.isAlive = false
    await pass(3)
    skippedMs = 3_600_000
    await pass(1)
    expect(silences).toEqual([])
    await pass(3)
    expect(silences).toHaveLength(1)
  })
})

describe('watching', () => {
  it('ends when it is told to, and then asks and tells nothing', async () => {
    const peer = new Peer('gw')
    const { silences, stop } = watch(peer)
    peer.isAlive = false
    await pass(2)
    stop()
    stop()
    await pass(10)
    expect(peer.pings).toBe(2)
    expect(silences).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not begin with an interval of 0', () => {
    const peer = new Peer('gw')
    watchLiveness(peer, { intervalMs: 0, countMax: 1, before: [], onSilent: () => expect.unreachable() })()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('of several hops on the way', () => {
  it.each([
    ['the first', ['a', 'b', 'c'], 'a'],
    ['the second', ['b', 'c'], 'b'],
    ['the last', ['c'], 'c'],
  ])('%s that is silent is the one that is told', async (_, dead, blamed) => {
    const [a, b, c] = [new Peer('a'), new Peer('b'), new Peer('c')]
    const { silences } = watch(c, { before: [a, b] })
    for (const peer of [a, b, c]) peer.isAlive = !dead.includes(peer.hop.host)
    await pass(4)
    expect(silences).toMatchObject([{ host: blamed }])
  })

  it('the one that fell silent after the first question is found by the second', async () => {
    const [a, c] = [new Peer('a'), new Peer('c')]
    const { silences } = watch(c, { before: [a] })
    c.isAlive = false
    await pass(1)
    a.isAlive = false
    await pass(3)
    expect(silences).toMatchObject([{ host: 'a' }])
  })

  it('asks for ever, and loses nobody, where any number of questions may go unanswered', () => {
    const peer = new Peer('target')
    peer.isAlive = false
    const { silences, stop } = watch(peer, { countMax: 0 })
    vi.advanceTimersByTime(100 * intervalMs)
    expect(silences).toEqual([])
    expect(peer.pings).toBeGreaterThan(90)
    stop()
  })
})
