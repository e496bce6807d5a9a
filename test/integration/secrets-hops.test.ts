// No hop sees what belongs to another: passwords, answers, passphrases and keys, for every way in which gateways are given.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Connection, type ConnectionOptions, type HopRef, type Question } from '../../src/index.js'
import { createNetwork, type HostDescription, type LogRecord, type Network } from '../../src/testing/index.js'
import { canary } from '../support/canary.js'
import { failureOf } from '../support/failure.js'
import { keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { scratchDir } from '../support/run-dir.js'
import { startSshAgent } from '../support/ssh-agent.js'
import { tempHome } from '../support/temp-home.js'

const names = ['outer', 'inner', 'target'] as const
type Name = (typeof names)[number]
type PerHost<T> = Readonly<Record<Name, T>>

const perHost = <T>(make: (name: Name) => T): PerHost<T> => ({
  outer: make('outer'),
  inner: make('inner'),
  target: make('target'),
})

/** outer, which listens, leads to inner, and inner to target; each lets in the user of its own name. */
function network(users: (name: Name) => NonNullable<HostDescription['users']>[string]): Promise<Network> {
  const reaches = { outer: ['inner'], inner: ['target'], target: [] }
  const hosts = perHost((name) => ({
    listen: name === 'outer',
    reaches: reaches[name],
    users: { [`at-${name}`]: users(name) },
  }))
  return createNetwork({ hosts })
}

/** Connections to all three, each the gateway of the next. */
function connectionsIn(net: Network, options: (name: Name) => ConnectionOptions): PerHost<Connection> {
  const common = { ...net.settings, identityFile: [], identitiesOnly: false }
  const connect = (name: Name, gateway: ConnectionOptions['gateway']): Connection =>
    new Connection(name, { ...common, user: `at-${name}`, gateway, ...options(name) })
  const outer = connect('outer', net.dialer)
  const inner = connect('inner', outer)
  return { outer, inner, target: connect('target', inner) }
}

async function closeAll(connections: PerHost<Connection>): Promise<void> {
  for (const name of [...names].reverse()) await connections[name].close()
}

type Offer = Extract<LogRecord, { event: 'authentication' }>
const offersAt = (net: Network, name: Name): readonly Offer[] =>
  net.host(name).log.filter((record) => record.event === 'authentication')

/** All that was told to a host, as text. */
const seenBy = (net: Network, name: Name): string => JSON.stringify(offersAt(net, name))

const reference = (name: Name): HopRef => ({
  index: names.indexOf(name),
  count: names.length,
  user: `at-${name}`,
  host: name,
  port: 22,
  via: names[names.indexOf(name) - 1],
})

describe('each hop of a chain', () => {
  leakCheck()

  test('is offered its own password only, by a function that is told the hop', async () => {
    const passwords = perHost(() => canary())
    await using net = await network((name) => ({ password: passwords[name], keys: [] }))
    const told = perHost<HopRef[]>(() => [])
    const chain = connectionsIn(net, (name) => ({
      password: (hop) => {
        told[name].push(hop)
        return passwords[name]
      },
    }))
    expect(await chain.target.run('hostname')).toMatchObject({ stdout: 'target\n' })
    for (const name of names) {
      expect(told[name]).toEqual([reference(name)])
      const others = names.filter((other) => other !== name).map((other) => passwords[other])
      expect(seenBy(net, name)).toContain(passwords[name])
      for (const other of others) expect(seenBy(net, name)).not.toContain(other)
    }
    await closeAll(chain)
  })

  test.each(names)(
    'keeps its password to itself when %s refuses, and no later hop is asked',
    async (failing) => {
      const passwords = perHost(() => canary())
      await using net = await network((name) => ({ password: passwords[name], keys: [] }))
      const wrong = canary()
      const chain = connectionsIn(net, (name) => ({ password: name === failing ? wrong : passwords[name] }))
      const error = await failureOf(chain.target.open())
      expect(error).toMatchObject({ code: 'AUTH_FAILED', hop: { host: failing } })
      const reached = names.slice(0, names.indexOf(failing) + 1)
      for (const name of names) {
        const offered = offersAt(net, name).flatMap(({ password }) => password ?? [])
        expect(new Set(offered)).toEqual(
          new Set(!reached.includes(name) ? [] : [name === failing ? wrong : passwords[name]]),
        )
      }
      await closeAll(chain)
    },
  )

  test('gets its own answers only, and its questions name it', async () => {
    const answers = perHost(() => canary())
    await using net = await network((name) => ({
      keys: [],
      keyboardInteractive: [{ prompts: [{ text: 'code', answer: answers[name] }] }],
    }))
    const questions: Question[] = []
    const chain = connectionsIn(net, () => ({
      ask: async (question) => {
        questions.push(question)
        return answers[question.hop.host as Name]
      },
    }))
    await chain.target.open()
    expect(questions.map(({ text }) => text)).toEqual([
      '(at-outer@outer (hop 1 of 3)) code ',
      '(at-inner@inner (hop 2 of 3)) code ',
      '(at-target@target (hop 3 of 3)) code ',
    ])
    for (const name of names) {
      expect(offersAt(net, name).flatMap(({ answers: given }) => given ?? [])).toEqual([answers[name]])
    }
    await closeAll(chain)
  })

  test('is offered its own key file only, opened by its own passphrase', async () => {
    const passphrases = perHost(() => canary())
    const keys = {
      outer: await keyPair('of-outer', { passphrase: passphrases.outer }),
      inner: await keyPair('of-inner', { passphrase: passphrases.inner }),
      target: await keyPair('of-target', { passphrase: passphrases.target }),
    }
    await using net = await network((name) => ({ keys: [keys[name].publicLine] }))
    const asked: unknown[] = []
    const chain = connectionsIn(net, (name) => ({
      identityFile: [keys[name].file],
      passphrase: ({ hop, file }) => {
        asked.push([hop.host, file])
        return passphrases[name]
      },
    }))
    await chain.target.open()
    expect(asked).toEqual(names.map((name) => [name, keys[name].file]))
    for (const name of names) {
      const offered = offersAt(net, name).map(({ fingerprint }) => fingerprint)
      expect(new Set(offered)).toEqual(new Set([keys[name].fingerprint]))
    }
    await closeAll(chain)
  })
})

describe('a gateway that is named by proxyJump', () => {
  leakCheck()

  test('gets nothing of the target: no password, no key, no answer, no user, and not the agent either', async () => {
    using home = tempHome()
    const [own, ofTarget, held] = [await keyPair('home'), await keyPair('of-target'), await keyPair('held')]
    await using agent = await startSshAgent([held])
    const passwords = perHost(() => canary())
    await using net = await network((name) =>
      name === 'target' ? { password: passwords.target, keys: [] } : { keys: [own.publicLine] },
    )
    home.write('.ssh/id_ed25519', readFileSync(own.file, 'utf8'))
    home.write('.ssh/known_hosts', net.knownHosts)
    const { port } = net.address('outer')
    await using target = new Connection('at-target@target', {
      proxyJump: `at-outer@127.0.0.1:${port},at-inner@inner`,
      password: passwords.target,
      passphrase: canary(),
      identityFile: [ofTarget.file],
      identityAgent: agent.socket,
      userKnownHostsFile: [join(home.path, '.ssh/known_hosts')],
      forwardAgent: true,
    })
    expect(await target.run('hostname')).toMatchObject({ stdout: 'target\n' })
    for (const name of ['outer', 'inner'] as const) {
      expect(new Set(offersAt(net, name).map(({ fingerprint }) => fingerprint))).toEqual(
        new Set([own.fingerprint]),
      )
      expect(new Set(offersAt(net, name).map(({ user }) => user))).toEqual(new Set([`at-${name}`]))
      expect(net.host(name).log.some(({ event }) => event === 'agent forwarding')).toBe(false)
    }
    expect(seenBy(net, 'target')).toContain(passwords.target)
    expect(seenBy(net, 'target')).not.toContain(own.fingerprint)
  })

  test('that refuses is named, and the target’s password is never asked for', async () => {
    using home = tempHome()
    await using net = await network(() => ({ keys: [] }))
    home.write('.ssh/known_hosts', net.knownHosts)
    let asked = 0
    await using target = new Connection('at-target@target', {
      proxyJump: `at-outer@127.0.0.1:${net.address('outer').port},at-inner@inner`,
      password: () => {
        asked += 1
        return canary()
      },
    })
    expect(await failureOf(target.open())).toMatchObject({
      code: 'AUTH_FAILED',
      hop: { index: 0, count: 3, user: 'at-outer' },
    })
    expect(asked).toBe(0)
    expect(net.host('inner').log).toEqual([])
  })
})

describe('resolving a route', () => {
  leakCheck()

  test('runs nothing, asks nothing and dials nothing', async () => {
    const file = join(scratchDir('resolve'), 'made')
    writeFileSync(`${file}.sh`, `#!/bin/sh\ntouch ${file}\n`, { mode: 0o700 })
    const called: string[] = []
    const note = (what: string) => (): never => {
      called.push(what)
      throw new Error(what)
    }
    await using connection = new Connection('ops@target', {
      proxyCommand: `${file}.sh %h %p`,
      password: note('password'),
      passphrase: note('passphrase'),
      keyboardInteractive: note('keyboardInteractive'),
      verifyHostKey: note('verifyHostKey'),
      ask: note('ask'),
    })
    const { hops } = await connection.resolve()
    expect(hops).toMatchObject([{ host: 'target', link: { kind: 'command' } }])
    expect(called).toEqual([])
    expect(connection.state).toBe('idle')
    expect(existsSync(file)).toBe(false)
  })
})
