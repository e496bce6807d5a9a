// Which hop of a chain is named when something is wrong with it.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Connection } from '../../src/index.js'
import { createNetwork, type Faults } from '../../src/testing/index.js'
import { type KeyPair, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll } from '../support/link-up.js'
import { freePort, type Sshd, startSshd } from '../support/sshd.js'
import { type TempHome, tempHome } from '../support/temp-home.js'

/** Each hop of chains of 1, 2, 3 and 5, counted from 1. */
const places = [1, 2, 3, 5].flatMap((count) => Array.from({ length: count }, (_, i) => ({ k: i + 1, count })))

interface Wrong {
  readonly error: object
  /** How the hop is written. Default: as it is. */
  readonly name?: (sshd: Sshd) => string
  /** What known_hosts has for it. Default: what it should. */
  readonly known?: (sshd: Sshd) => string
}

describe('a chain of real servers', () => {
  leakCheck()

  const sshds: Sshd[] = []
  let home: TempHome
  let otherKey: KeyPair
  let closedPort = 0
  beforeAll(async () => {
    const userKey = await keyPair('user-1')
    otherKey = await keyPair('another-host')
    home = tempHome()
    home.write('.ssh/id_ed25519', readFileSync(userKey.file, 'utf8'))
    for (let k = 1; k <= 5; k++) sshds.push(await startSshd({ name: `hop ${k}`, userKey }))
    closedPort = await freePort('127.0.0.1')
  })
  afterAll(async () => {
    home[Symbol.dispose]()
    await Promise.all(sshds.map((sshd) => sshd.stop()))
  })

  const nameOf = ({ user, host, port }: Sshd): string => `${user}@${host}:${port}`
  const wrongs: Record<string, Wrong> = {
    'does not let the user in': {
      name: ({ host, port }) => `no-such-user@${host}:${port}`,
      error: { code: 'AUTH_FAILED', phase: 'authentication' },
    },
    'has another host key': {
      known: ({ host, port }) => `[${host}]:${port} ${otherKey.publicLine}\n`,
      error: { code: 'HOST_KEY_CHANGED', phase: 'host-key' },
    },
    'is not known': { known: () => '', error: { code: 'HOST_KEY_UNKNOWN', phase: 'host-key' } },
    'does not listen': {
      name: ({ user, host }) => `${user}@${host}:${closedPort}`,
      error: { code: 'CONNECTION_REFUSED' },
    },
  }

  test.each(places)('names hop $k of $count, whatever is wrong with it', async ({ k, count }) => {
    const chain = sshds.slice(0, count)
    for (const [what, { name = nameOf, known, error }] of Object.entries(wrongs)) {
      const hops = chain.map((sshd, i) => (i === k - 1 ? name(sshd) : nameOf(sshd)))
      const lines = chain.map((sshd, i) => (i === k - 1 && known ? known(sshd) : sshd.knownHostsLine()))
      home.write('.ssh/known_hosts', lines.join(''))
      const loggedIn = sshds.map((sshd) => sshd.connections().length)
      await using target = new Connection(hops.at(-1) ?? '', {
        proxyJump: hops.slice(0, -1).join(',') || 'none',
        defaults: { identityAgent: 'none', globalKnownHostsFile: [] },
      })
      const hop = { index: k - 1, count, host: chain[k - 1]?.host, via: chain[k - 2]?.host }
      await expect(target.open(), what).rejects.toMatchObject({ ...error, hop })
      // Nobody got further than to the hop that is wrong, and nothing is kept open before it.
      for (const [i, sshd] of sshds.entries()) {
        expect(sshd.connections().length - (loggedIn[i] ?? 0), what).toBe(i < k - 1 ? 1 : 0)
      }
    }
  })
})

describe('a chain of connections', () => {
  leakCheck()

  const faults: readonly [Faults, object][] = [
    [{ authentication: 'refuse' }, { code: 'AUTH_FAILED', phase: 'authentication' }],
    [{ hostKey: 'changed' }, { code: 'HOST_KEY_CHANGED', phase: 'host-key' }],
    [{ connection: 'refuse' }, {}],
    [{ version: 'close' }, { phase: 'version' }],
    [{ cutAfterBytes: 200 }, { code: 'CONNECTION_LOST', phase: 'key-exchange' }],
    [{ authentication: 'hang' }, { code: 'TIMEOUT', phase: 'authentication' }],
  ]

  test.each([1, 2, 3, 4, 5])('names hop %i of 5, keeps those before it, and heals with it', async (k) => {
    const names = ['a', 'b', 'c', 'd', 'e']
    await using network = await createNetwork({
      hosts: Object.fromEntries(names.map((name) => [name, { listen: name === 'a', reaches: ['*'] }])),
    })
    const connections: Connection[] = []
    for (const name of names) {
      const gateway = connections.at(-1) ?? network.dialer
      connections.push(new Connection(name, { ...network.settings, gateway, authTimeoutMs: 200 }))
    }
    const [target, wrong] = [connections.at(-1), network.host(names[k - 1] ?? '')]
    for (const [fault, error] of faults) {
      wrong.fault(fault)
      const hop = { index: k - 1, host: wrong.name, ...(k > 1 && { via: names[k - 2] }) }
      await expect(target?.open(), JSON.stringify(fault)).rejects.toMatchObject({ ...error, hop })
      const states = connections.map(({ state }) => state)
      expect(states).toEqual(names.map((_, i) => (i < k - 1 ? 'open' : 'idle')))
    }
    wrong.fault({})
    expect(await target?.run('hostname')).toMatchObject({ stdout: 'e\n' })
    for (const name of names.slice(0, k - 1)) {
      expect(network.host(name).log.filter(({ event }) => event === 'connected')).toHaveLength(1)
    }
    await closeAll(connections)
  })
})
