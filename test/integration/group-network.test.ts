import { expect, test } from 'vitest'
import { Connection, Group } from '../../src/index.js'
import { createNetwork } from '../../src/testing/index.js'
import { leakCheck } from '../support/leak-check.js'

leakCheck()

test('500 hosts behind one bastion are opened by one connection to it', async () => {
  const names = Array.from({ length: 500 }, (_, index) => `host${index}`)
  await using network = await createNetwork({
    hosts: {
      bastion: { listen: true, reaches: ['*'] },
      ...Object.fromEntries(names.map((name) => [name, {}])),
    },
  })
  const gateway = new Connection('bastion', { ...network.settings, user: 'ops', gateway: network.dialer })
  await using group = new Group(names, { connection: { ...network.settings, user: 'ops', gateway } })
  let t = performance.now()
  const members = await group.members()
  console.log('members', performance.now() - t, members[0])
  t = performance.now()
  const work = group.run('hostname')
  const outcomes = await work.outcomes()
  console.log('run', performance.now() - t)
  expect(outcomes.map((o) => (o.status === 'succeeded' ? o.value.stdout.trim() : o))).toEqual(names)
  await gateway.close()
})
