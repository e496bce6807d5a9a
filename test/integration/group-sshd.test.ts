import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Connection, Group } from '../../src/index.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo, optionsFor } from '../support/link-up.js'
import { scratchDir } from '../support/run-dir.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let bastion: Sshd
let farm: Sshd
let gateway: Connection
let group: Group
/** Each an address of the one server behind the gateway, and so another host. */
const hosts = Array.from({ length: 20 }, (_, index) => `127.77.0.${index + 1}`)

beforeAll(async () => {
  ;[bastion, farm] = await Promise.all([
    startSshd({ name: 'bastion' }),
    startSshd({ name: 'farm', host: '0.0.0.0', config: ['MaxStartups 100'] }),
  ])
  const { userKnownHostsFile: _, ...options } = optionsFor(farm)
  const pinned = {
    strictHostKeyChecking: 'yes' as const,
    hostKeyFingerprints: farm.hostKeys.map(({ fingerprint }) => fingerprint),
  }
  gateway = await connectionTo(bastion).open()
  group = new Group(hosts, { connection: { ...options, ...pinned, gateway } })
})
afterAll(async () => {
  await group.close()
  await gateway.close()
  await Promise.all([bastion.stop(), farm.stop()])
})

describe('twenty hosts behind a real gateway', () => {
  leakCheck()

  test('are each reached by one connection to it, and answer in their order', async () => {
    const results = await group.run('echo $SSH_CONNECTION').results()
    const addresses = results.map(({ stdout }) => stdout.split(' ')[2])
    expect(addresses).toEqual(hosts)
    expect(bastion.connections()).toHaveLength(1)
    expect(bastion.forwards().toSorted()).toEqual(hosts.map((host) => `${host}:${farm.port}`).toSorted())
    await expect.poll(() => farm.sessions()).toEqual([])
  })

  test('get a file each, and give theirs', async () => {
    const [here, there] = [scratchDir('here'), scratchDir('there')]
    writeFileSync(join(here, 'motd'), 'welcome\n')
    const few = { waves: { first: 1, then: '20%' } } as const
    const put = await group.put(join(here, 'motd'), `${there}/{host}.motd`, few).results()
    expect(put.map(({ host, files, bytes }) => [host, files, bytes])).toEqual(
      hosts.map((host) => [host, 1, 8]),
    )
    expect(readdirSync(there).sort()).toEqual(hosts.map((host) => `${host}.motd`).sort())
    mkdirSync(join(here, 'back'))
    const got = await group.get(`${there}/127.77.0.7.motd`, `${here}/back/{host}/`).results()
    expect(got.map(({ local }) => local)).toEqual(
      hosts.map((host) => join(here, 'back', host, '127.77.0.7.motd')),
    )
    expect(got.every(({ local }) => readFileSync(local ?? '', 'utf8') === 'welcome\n')).toBe(true)
    expect(existsSync(join(here, '127.77.0.7.motd'))).toBe(false)
  })
})
