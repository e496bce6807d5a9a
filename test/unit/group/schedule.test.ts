import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type Deferred, deferred } from '../../../src/deferred.js'
import { fullPace, type Pace } from '../../../src/group/pace.js'
import { Schedule, type TurnEnd } from '../../../src/group/schedule.js'

/** A schedule whose turns end when the test says so. */
function rig(count: number, pace: Pace) {
  const begun: number[] = []
  const skipped: string[] = []
  const ends = new Map<number, Deferred<TurnEnd>>()
  const mayWaits: boolean[] = []
  const schedule = new Schedule(count, fullPace(pace, {}), {
    take: (member, { mayWait }) => {
      begun.push(member)
      mayWaits.push(mayWait)
      const end = deferred<TurnEnd>()
      ends.set(member, end)
      return end.promise
    },
    skip: (member, reason) => skipped.push(`${member} ${reason}`),
  })
  let isOver = false
  const over = schedule.run().then(() => {
    isOver = true
  })
  return {
    ...{ schedule, begun, skipped, mayWaits, over, isOver: () => isOver },
    /** Ends these turns. */
    async end(how: TurnEnd, ...members: readonly number[]): Promise<void> {
      for (const member of members) {
        const end = ends.get(member)
        if (end === undefined) throw new Error(`the turn of ${member} has not begun`)
        ends.delete(member)
        end.resolve(how)
      }
      await turn()
    },
  }
}

describe('parallel', () => {
  test('so many are at work, and another one begins when one has ended', async () => {
    const { begun, end, over, isOver } = rig(4, { parallel: 2 })
    expect(begun).toEqual([0, 1])
    await end('succeeded', 1)
    expect(begun).toEqual([0, 1, 2])
    await end('failed', 0, 2)
    expect(begun).toEqual([0, 1, 2, 3])
    expect(isOver()).toBe(false)
    await end('succeeded', 3)
    await over
  })

  test('nobody to do anything with is done at once', async () => {
    const { begun, over } = rig(0, {})
    await over
    expect(begun).toEqual([])
  })
})

describe('waves', () => {
  test('a wave begins only when the one before has ended', async () => {
    const { begun, end, over } = rig(5, { waves: { first: 1, then: 2 } })
    expect(begun).toEqual([0])
    await end('succeeded', 0)
    expect(begun).toEqual([0, 1, 2])
    await end('succeeded', 1)
    expect(begun).toEqual([0, 1, 2])
    await end('failed', 2)
    expect(begun).toEqual([0, 1, 2, 3, 4])
    await end('succeeded', 3, 4)
    await over
  })

  test('within a wave no more are at work than parallel allows', async () => {
    const { begun, end, over } = rig(3, { parallel: 1, waves: { first: 2, then: 2 } })
    expect(begun).toEqual([0])
    await end('succeeded', 0)
    expect(begun).toEqual([0, 1])
    await end('succeeded', 1)
    await end('succeeded', 2)
    await over
  })
})

describe('an early end', () => {
  test('stop skips at once who has not begun, and waits for who has', async () => {
    const { schedule, skipped, isOver, end, over } = rig(4, { parallel: 2 })
    schedule.stop()
    await turn()
    expect(skipped).toEqual(['2 stopped', '3 stopped'])
    expect(isOver()).toBe(false)
    await end('succeeded', 0, 1)
    await over
  })

  test('stop skips the waves that are to come', async () => {
    const { schedule, skipped, end, over } = rig(3, { waves: { first: 1, then: 1 } })
    schedule.stop()
    await end('succeeded', 0)
    await over
    expect(skipped).toEqual(['1 stopped', '2 stopped'])
  })

  test('after so many failures nobody begins any more', async () => {
    const { begun, skipped, end, over } = rig(5, { parallel: 2, stopAfterFailures: 2 })
    await end('failed', 0)
    expect(begun).toEqual([0, 1, 2])
    await end('failed', 1)
    expect(skipped).toEqual(['3 too many failures', '4 too many failures'])
    await end('succeeded', 2)
    await over
  })
})

describe('a process without descriptors', () => {
  test('goes on with fewer at once, and takes the turn again', async () => {
    const { begun, end, over, mayWaits } = rig(12, { parallel: 11 })
    expect(begun).toHaveLength(11)
    await end('postponed', 10)
    expect(begun).toHaveLength(11)
    await end('succeeded', 0)
    expect(begun).toHaveLength(11) // nine of ten are at work still, and no more than nine may be
    await end('succeeded', 1)
    expect(begun.slice(11)).toEqual([11])
    await end('succeeded', 2)
    expect(begun.slice(11)).toEqual([11, 10])
    await end('succeeded', 3, 4, 5, 6, 7, 8, 9, 10, 11)
    await over
    expect(mayWaits.every((may) => may)).toBe(true)
  })

  test('takes the turns one by one where there is room for no more, and then nobody may wait', async () => {
    const { begun, end, over, mayWaits } = rig(2, { parallel: 2 })
    await end('postponed', 0)
    await end('postponed', 1)
    expect(begun).toEqual([0, 1, 0])
    expect(mayWaits).toEqual([true, true, false])
    await end('failed', 0)
    await end('failed', 1)
    await over
  })

  test('skips on stop who waits for room', async () => {
    const { schedule, skipped, end, over } = rig(2, { parallel: 2 })
    await end('postponed', 1)
    schedule.stop()
    await end('succeeded', 0)
    await over
    expect(skipped).toEqual(['1 stopped'])
  })
})
