import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { graphOf, here, type MapEntry, type RouteGraph } from '../../../src/map/graph.js'
import { canary } from '../../support/canary.js'
import {
  entry,
  fiveHosts,
  hop,
  threeLevels,
  throughCommand,
  twoHundredHosts,
  withProblems,
} from './sample-routes.js'

describe('the graph of routes', () => {
  it('every host is in it once, with its route or its problem', () => {
    for (const entries of [fiveHosts(), threeLevels(), twoHundredHosts(), withProblems()]) {
      const { hosts } = graphOf([...entries, ...entries])
      expect(hosts.map(({ host }) => host)).toEqual(entries.map(({ host }) => host))
      expect(hosts.filter((host) => 'problem' in host)).toHaveLength(
        entries.filter((given) => 'problem' in given).length,
      )
    }
  })

  it('hosts that are one machine, user and port are one node, with all names', () => {
    const { nodes, hosts } = graphOf([
      entry([hop('db', { hostName: 'db.internal' })]),
      entry([hop('db-vm', { hostName: 'db.internal' })]),
      entry([hop('db-root', { hostName: 'db.internal', user: 'root' })]),
    ])
    expect(nodes.map(({ names }) => names.map(({ host }) => host))).toEqual([['db', 'db-vm'], ['db-root']])
    expect(hosts.map((host) => 'node' in host && host.node)).toEqual(['n1', 'n1', 'n2'])
  })

  it('a link that routes share is one link, and a host has all its ways', () => {
    const { links, nodes } = graphOf([
      entry([hop('gw'), hop('db')]),
      entry([hop('gw'), hop('web')]),
      entry([hop('db2', { hostName: 'db' })]),
      entry([hop('db3', { hostName: 'db' })], throughCommand('nc %h %p')),
    ])
    expect(links.map(({ from, to, kind }) => `${from} ${kind} ${to}`)).toEqual([
      'here tcp n1',
      'n1 channel n2',
      'n1 channel n3',
      'here tcp n2',
      'here command n2',
    ])
    expect(nodes.find(({ id }) => id === 'n2')?.ways).toEqual([['l1', 'l2'], ['l4'], ['l5']])
  })

  it('a host is told as its own look-up has it, not as it was met on the way to another', () => {
    const { nodes } = graphOf([
      entry([hop('gw', {}, 3), hop('db')]),
      entry([hop('gw', { compression: true }, 9)]),
    ])
    expect(nodes[0]?.names).toEqual([
      {
        host: 'gw',
        linkOrigin: '~/.ssh/config:9',
        settings: [
          { name: 'user', keyword: 'User', value: 'ops', origin: '~/.ssh/config:9', beat: [] },
          { name: 'compression', keyword: 'Compression', value: 'yes', origin: '~/.ssh/config:9', beat: [] },
        ],
      },
    ])
  })

  it('settings that are as the defaults are not told, times are in seconds, lists side by side', () => {
    const { nodes } = graphOf([
      entry([hop('db', { port: 22, serverAliveIntervalMs: 30_000, identityFile: ['~/.ssh/a', '~/.ssh/b'] })]),
    ])
    expect(nodes[0]?.names[0]?.settings.map(({ keyword, value }) => [keyword, value])).toEqual([
      ['User', 'ops'],
      ['ServerAliveInterval', '30 s'],
      ['IdentityFile', '~/.ssh/a ~/.ssh/b'],
    ])
  })

  it('no secret is in it', () => {
    const secret = canary()
    const graph = graphOf([
      entry([hop('db', { password: secret, passphrase: secret, verifyHostKey: () => 'refuse' })]),
      entry([hop('web')], throughCommand(`connect --password=${secret} %h`)),
    ])
    const text = JSON.stringify(graph)
    expect(text).not.toContain(secret)
    expect(text).toContain('"value":"[secret]"')
    expect(text).toContain('"value":"[function]"')
    expect(text).toContain('connect --password=[secret] %h')
  })

  it('text from a configuration is one printable line', () => {
    const { hosts, nodes } = graphOf([
      { host: 'a\u001b[2J\nb', problem: '\u202ex\ud800' },
      entry([hop('db', { hostKeyAlias: '\u0007bell' })]),
    ])
    expect(hosts[0]).toEqual({ host: 'a\\x1b[2J\\nb', problem: '\\u202ex\ufffd' })
    expect(nodes[0]?.names[0]?.settings.at(-1)?.value).toBe('\\x07bell')
  })

  it('every hop of every route is a node, and every step a link', () => {
    fc.assert(
      fc.property(networks, (entries) => {
        const graph = graphOf(entries)
        const seen = new Set<string>()
        for (const given of entries) {
          if (seen.has(given.host) || 'problem' in given) continue
          seen.add(given.host)
          expect(stepsOf(graph, given.host)).toEqual(
            given.route.hops.map(({ user, hostName, link }) => `${link.kind} ${user}@${hostName}`),
          )
        }
        expect(graph.hosts).toHaveLength(new Set(entries.map(({ host }) => host)).size)
        expect(graphOf(entries)).toEqual(graph)
      }),
    )
  })
})

const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '__proto__', 'constructor')
const routes = fc
  .uniqueArray(names, { minLength: 1, maxLength: 5 })
  .map((hosts) => entry(hosts.map((host) => hop(host))))
const problems = names.map((host): MapEntry => ({ host: `bad ${host}`, problem: 'a problem' }))
const networks = fc.array(fc.oneof({ weight: 5, arbitrary: routes }, problems), { maxLength: 12 })

/** The route of a host, as its links tell it; each must begin where the one before it ends. */
function stepsOf({ hosts, links, nodes }: RouteGraph, name: string): readonly string[] {
  const host = hosts.find(({ host }) => host === name)
  let at = here
  const route = host !== undefined && 'route' in host ? host.route : []
  return route.map((id) => {
    const link = links.find((link) => link.id === id)
    const node = nodes.find((node) => node.id === link?.to)
    expect(link?.from).toBe(at)
    at = link?.to ?? ''
    return `${link?.kind} ${node?.user}@${node?.hostName}`
  })
}
