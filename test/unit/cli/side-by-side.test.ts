// Work that is done some at a time.

import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { sideBySide } from '../../../src/cli/side-by-side.js'

it('gives the results in the order of the items, in whatever order they come', async () => {
  const releases: (() => void)[] = []
  const begun: number[] = []
  const work = async (item: number): Promise<string> => {
    begun.push(item)
    await new Promise<void>((resolve) => releases.unshift(resolve))
    return `of ${item}`
  }
  const results = sideBySide([0, 1, 2, 3, 4], { limit: 2, work })
  while (releases.length > 0) {
    expect(releases.length).toBeLessThanOrEqual(2)
    releases.shift()?.()
    await setImmediate()
  }
  expect(begun).toEqual([0, 1, 2, 3, 4])
  expect(await results).toEqual(['of 0', 'of 1', 'of 2', 'of 3', 'of 4'])
})

it('has as many at work at a time as the limit allows', async () => {
  let atWork = 0
  let most = 0
  await sideBySide(Array.from({ length: 20 }), {
    limit: 4,
    work: async () => {
      most = Math.max(most, ++atWork)
      await setImmediate()
      atWork -= 1
    },
  })
  expect(most).toBe(4)
})

it('rejects with the first error, and begins nothing after it', async () => {
  const begun: number[] = []
  const work = async (item: number): Promise<void> => {
    begun.push(item)
    await setImmediate()
    if (item === 1) throw new Error('no')
  }
  await expect(sideBySide([0, 1, 2, 3, 4, 5, 6, 7], { limit: 2, work })).rejects.toThrow('no')
  await setImmediate()
  await setImmediate()
  expect(begun.length).toBeLessThan(5)
})

it('of nothing is nothing', async () => {
  expect(await sideBySide([], { limit: 3, work: async () => 1 })).toEqual([])
})
