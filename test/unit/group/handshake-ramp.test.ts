// How many dial one server at once.

import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type EndTurn, HandshakeRamp } from '../../../src/group/handshake-ramp.js'

const never = new AbortController().signal

/** Asks for so many turns; those that were given, in their order. */
async function ask(ramp: HandshakeRamp, count: number): Promise<EndTurn[]> {
  const given: EndTurn[] = []
  for (let index = 0; index < count; index++) {
    void ramp.enter(new AbortController().signal).then((end) => given.push(end))
  }
  await turn()
  return given
}

it('lets eight in, and the others as turns end, whatever their end', async () => {
  const ramp = new HandshakeRamp()
  const given = await ask(ramp, 20)
  expect(given).toHaveLength(8)
  given[0]?.('open')
  given[0]?.('open')
  given[1]?.('failed')
  await turn()
  expect(given).toHaveLength(10)
  expect(ramp.budget).toBe(8)
})

it('halves the budget once for all that were under way when the server became busy, down to one', async () => {
  const ramp = new HandshakeRamp()
  for (const end of await ask(ramp, 8)) end('busy')
  expect(ramp.budget).toBe(4)
  for (const budget of [2, 1, 1]) {
    ;(await ramp.enter(never))('busy')
    expect(ramp.budget).toBe(budget)
  }
  expect(await ask(ramp, 3)).toHaveLength(1)
})

it('grows again as the server takes what comes, and never beyond eight', async () => {
  const ramp = new HandshakeRamp()
  for (let times = 0; times < 3; times++) (await ramp.enter(never))('busy')
  const budgets = new Set<number>()
  for (let times = 0; times < 200; times++) {
    ;(await ramp.enter(never))('open')
    budgets.add(ramp.budget)
  }
  expect([...budgets]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

it('lets one that waits leave, which takes nobody’s turn', async () => {
  const ramp = new HandshakeRamp()
  const given = await ask(ramp, 8)
  const controller = new AbortController()
  const leaving = ramp.enter(controller.signal)
  const next = ramp.enter(never)
  controller.abort('gone')
  await expect(leaving).rejects.toBe('gone')
  await expect(ramp.enter(AbortSignal.abort('late'))).rejects.toBe('late')
  given[0]?.('open')
  expect(await next).toBeTypeOf('function')
})

it('gives a turn back that came at the very moment when its member left', async () => {
  const ramp = new HandshakeRamp()
  const given = await ask(ramp, 8)
  const controller = new AbortController()
  const leaving = ramp.enter(controller.signal)
  const next = ramp.enter(never)
  controller.abort('gone')
  given[0]?.('open')
  await expect(leaving).rejects.toBe('gone')
  expect(await next).toBeTypeOf('function')
})
