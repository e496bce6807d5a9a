// Who uses a hop, and whose work keeps the process alive.

import { expect, it } from 'vitest'
import { Usage } from '../../../src/hops/usage.js'

function counted() {
  const states: boolean[] = []
  const below = new Usage({ gateway: undefined, onWorking: () => {} })
  const usage = new Usage({ gateway: below, onWorking: (working) => states.push(working) })
  return { usage, below, states }
}

it('a use that is not to keep the process alive still counts as one', () => {
  const { usage, below, states } = counted()
  const use = usage.enter({ isWork: true })
  expect([usage.isWorking, below.isWorking]).toEqual([true, true])
  use.unref()
  use.unref()
  expect([usage.isUnused, usage.isWorking, below.isWorking]).toEqual([false, false, false])
  use.ref()
  use.ref()
  expect(below.isWorking).toBe(true)
  use.end()
  use.end()
  use.ref()
  expect([usage.isUnused, usage.isWorking, below.isWorking]).toEqual([true, false, false])
  expect(states).toEqual([true, false, true, false])
})

it('the use of a hop above is no work, whatever it says', () => {
  const { usage, states } = counted()
  const use = usage.enter({ isWork: false })
  use.ref()
  use.unref()
  expect([usage.isUnused, usage.isWorking]).toEqual([false, false])
  use.end()
  expect(usage.isUnused).toBe(true)
  expect(states).toEqual([])
})

it('the work of one is not ended by another that is not to keep the process alive', () => {
  const { usage, states } = counted()
  const [one, other] = [usage.enter({ isWork: true }), usage.enter({ isWork: true })]
  one.unref()
  expect(states).toEqual([true])
  other.end()
  expect(states).toEqual([true, false])
  one.end()
})
