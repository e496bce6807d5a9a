// A gateway that dies while a group works behind it: it is dialled once more, and not once for each member.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Connection } from '../../src/connection.js'
import { Openings } from '../../src/group/openings.js'
import type { HopEvent } from '../../src/index.js'
import { type Chain, startChain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionTo } from '../support/link-up.js'

const parallel = 8
const count = 5 * parallel

/**
 * What became of the members, in their order. The first 16 have ended and the next 8 are running when `disturb` is
 * called; the others are to come.
 */
async function work(
  members: readonly Connection[],
  disturb: () => Promise<void>,
): Promise<readonly unknown[]> {
  const openings = new Openings()
  const outcomes: unknown[] = []
  const queue = [...members.entries()]
  let running = 0
  const next = async (): Promise<void> => {
    for (let taken = queue.shift(); taken !== undefined; taken = queue.shift()) {
      const [index, member] = taken
      try {
        await openings.open(member)
        await using command = await member.spawn(index >= 16 && index < 24 ? 'sleep 60' : 'true')
        if (index >= 16 && index < 24 && ++running === parallel) await disturb()
        outcomes[index] = (await command.wait()).exitCode
      } catch (error) {
        openings.failed(member, error)
        outcomes[index] = error
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, next))
  return outcomes
}

describe('a gateway that dies while eight members run and others wait for their turn', () => {
  leakCheck()
  let chain: Chain
  let gateway: Connection
  let members: readonly Connection[]
  beforeEach(async () => {
    chain = await startChain(2, () => ({ config: ['LogLevel INFO', 'MaxStartups 100'] }))
    gateway = connectionTo(chain.at(0))
    members = Array.from({ length: count }, () => connectionTo(chain.at(1), { gateway }))
  })
  afterEach(async () => {
    await closeAll([gateway, ...members])
    await chain[Symbol.asyncDispose]()
  })

  const lost = { code: 'CONNECTION_LOST', hop: { index: 0 } }

  test('is dialled once more, and those to come go on', async () => {
    const outcomes = await work(members, async () => chain.at(0).killSessions())
    expect(outcomes.slice(0, 16)).toEqual(Array(16).fill(0))
    expect(outcomes.slice(16, 24)).toMatchObject(Array(8).fill(lost))
    expect(outcomes.slice(24)).toEqual(Array(16).fill(0))
    expect(chain.at(0).connections()).toHaveLength(2)
  })

  test('and for good, is dialled once more, and those to come fail at once with its error', async () => {
    let dials = 0
    const listen = (event: unknown): void => {
      const { hop, state } = event as HopEvent
      if (hop.index === 0 && state === 'opening') dials += 1
    }
    subscribe('sallyport:hop', listen)
    const outcomes = await work(members, () => chain.at(0).stop())
    unsubscribe('sallyport:hop', listen)
    expect(outcomes.slice(0, 16)).toEqual(Array(16).fill(0))
    expect(outcomes.slice(16, 24)).toMatchObject(Array(8).fill(lost))
    const refused = { name: 'ConnectError', code: 'CONNECTION_REFUSED', hop: { index: 0 }, phase: 'dial' }
    expect(outcomes.slice(24)).toMatchObject(Array(16).fill(refused))
    const told = outcomes.slice(24).filter((error) => /not tried again: /.test(String(error)))
    expect(told.length).toBeGreaterThanOrEqual(16 - parallel)
    expect(told).toMatchObject(told.map(() => ({ cause: { code: 'CONNECTION_REFUSED' } })))
    expect(dials).toBe(2)
  })
})
