// Tests of a program that goes through a bastion, without one: SSH servers inside the test's process. Nothing is mocked,
// and `db`, which has no port at all, can be reached through `bastion` and in no other way.
//
//   npx tsc -p examples && node --test examples/dist/embedded-network.js

import { equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { Connection, sh } from 'sallyport'
import { createNetwork, type NetworkDescription } from 'sallyport/testing'

/** The program under test: the share of a disk that is in use, in per cent. */
async function usedSpace(host: Connection, directory: string): Promise<number> {
  const { stdout } = await host.run(sh`df --output=pcent ${directory} | tail -n 1`)
  return Number.parseInt(stdout, 10)
}

const description: NetworkDescription = {
  hosts: {
    bastion: { listen: true, reaches: ['db'] },
    db: { commands: { "df --output=pcent '/var/lib' | tail -n 1": ' 42%\n' } },
  },
}

test('the used space of a host behind the bastion is found', async () => {
  await using network = await createNetwork(description)
  await using bastion = new Connection('bastion', { ...network.settings, gateway: network.dialer })
  await using db = new Connection('db', { ...network.settings, gateway: bastion })
  equal(await usedSpace(db, '/var/lib'), 42)
  equal(network.host('bastion').connections, 1)
})

test('a bastion that does not forward is named in the error', async () => {
  await using network = await createNetwork(description)
  network.host('bastion').fault({ forwarding: 'prohibited' })
  await using bastion = new Connection('bastion', { ...network.settings, gateway: network.dialer })
  await using db = new Connection('db', { ...network.settings, gateway: bastion })
  await rejects(usedSpace(db, '/var/lib'), { code: 'FORWARD_PROHIBITED', message: /bastion/ })
})
