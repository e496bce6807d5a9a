// Many members on one server that lets few log in at once (MaxStartups).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Openings } from '../../src/group/openings.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionTo } from '../support/link-up.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let busy: Sshd
beforeAll(async () => {
  busy = await startSshd({ name: 'two at once', config: ['MaxStartups 2:100:2', 'LogLevel INFO'] })
})
afterAll(() => busy.stop())

describe('a server that drops who comes when two are logging in', () => {
  leakCheck()

  test('is logged in to by all fifty members', async () => {
    const members = Array.from({ length: 50 }, () => connectionTo(busy))
    const openings = new Openings()
    try {
      await Promise.all(members.map((member) => openings.open(member)))
      expect(members.map(({ state }) => state)).toEqual(members.map(() => 'open'))
      expect(busy.connections()).toHaveLength(50)
      const dropped = busy.log.lines().filter(({ text }) => /past MaxStartups|drop connection/.test(text))
      expect(dropped.length).toBeGreaterThan(0)
      expect(dropped.length).toBeLessThan(50)
    } finally {
      await closeAll(members)
    }
  })
})
