// A connection keeps the route that its configuration gave it: when the files change under it, it comes back by the way
// it went, and what is made afterwards goes the new way.

import { rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Connection } from '../../src/index.js'
import { configHome } from '../support/config-home.js'
import { hostBlock, hostEntry, sshConfigFile } from '../support/config-hosts.js'
import { leakCheck } from '../support/leak-check.js'
import { type Sshd, startSshd } from '../support/sshd.js'

leakCheck()

let [a, b, c]: readonly Sshd[] = []
beforeAll(async () => {
  ;[a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => startSshd({ name })))
})
afterAll(() => Promise.all([a, b, c].map((sshd) => sshd?.stop())))

function at(sshd: Sshd | undefined): Sshd {
  if (sshd === undefined) throw new Error('no server')
  return sshd
}

/** The port at which commands of this connection arrive. */
async function portOf(connection: Connection): Promise<number> {
  const { stdout } = await connection.run('echo $SSH_CONNECTION')
  return Number(stdout.trim().split(' ')[3])
}

/** Loses the connection as a dead server would. */
async function lose(connection: Connection, sshd: Sshd): Promise<void> {
  const { closed } = connection
  sshd.killSessions()
  expect((await closed).reason).toBe('lost')
}

describe('when ssh_config changes', () => {
  test('a connection that was lost comes back by the way it went; a new one goes the new way', async () => {
    const file = sshConfigFile(hostBlock('db', at(a)))
    await using old = new Connection('db', { sshConfig: file, config: false })
    expect(await portOf(old)).toBe(a?.port)
    for (const text of [hostBlock('db', at(b)), 'Prot 22\n', '']) {
      writeFileSync(file, text)
      await lose(old, at(a))
      expect(await portOf(old)).toBe(a?.port)
    }
    rmSync(file)
    await old.close()
    expect(await portOf(old)).toBe(a?.port)
    writeFileSync(file, hostBlock('db', at(b)))
    await using fresh = new Connection('db', { sshConfig: file, config: false })
    expect(await portOf(fresh)).toBe(b?.port)
  })

  test('so it is with the gateways', async () => {
    const both = (gateway: Sshd | undefined) =>
      hostBlock('db', at(c), 'ProxyJump gateway') + hostBlock('gateway', at(gateway))
    const file = sshConfigFile(both(a))
    await using old = new Connection('db', { sshConfig: file, config: false })
    const passed = () => [a, b].map((sshd) => at(sshd).forwards().length)
    const start = passed()
    await old.run('true')
    writeFileSync(file, both(b))
    await lose(old, at(a))
    await old.run('true')
    expect(passed()).toEqual([(start[0] ?? 0) + 2, start[1]])
    await using fresh = new Connection('db', { sshConfig: file, config: false })
    await fresh.run('true')
    expect(passed()).toEqual([(start[0] ?? 0) + 2, (start[1] ?? 0) + 1])
  })

  test('between resolving and opening, the route that was shown is the one that is walked', async () => {
    const file = sshConfigFile(hostBlock('db', at(a)))
    await using connection = new Connection('db', { sshConfig: file, config: false })
    const [hop] = (await connection.resolve()).hops
    writeFileSync(file, hostBlock('db', at(b)))
    expect(await portOf(connection)).toBe(hop?.port)
  })
})

test('when our own file or the environment changes, the same holds', async () => {
  using home = configHome()
  const write = (sshd: Sshd | undefined) =>
    home.write('.config/sallyport/config.json', JSON.stringify({ hosts: { db: hostEntry(at(sshd)) } }))
  write(a)
  await using old = new Connection('db', { sshConfig: false })
  expect(await portOf(old)).toBe(a?.port)
  write(b)
  process.env['SALLYPORT_PORT'] = '1'
  await lose(old, at(a))
  expect(await portOf(old)).toBe(a?.port)
  delete process.env['SALLYPORT_PORT']
  await using fresh = new Connection('db', { sshConfig: false })
  expect(await portOf(fresh)).toBe(b?.port)
})
