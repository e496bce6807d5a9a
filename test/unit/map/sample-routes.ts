// Routes made by hand, and whole networks of them, for the tests of maps: what a configuration would have given.

import { type Layer, mergeLayers } from '../../../src/config/merge.js'
import type { Settings } from '../../../src/config/settings.js'
import type { MapEntry } from '../../../src/map/graph.js'
import { commandLink } from '../../../src/route/command-link.js'
import type { Hop, HopLink, Route } from '../../../src/route/route.js'

export type SampleHop = Omit<Hop, 'link'>

/** A hop as ssh_config would make it; the origin of its values is `~/.ssh/config:<line>`. */
export function hop(host: string, values: Partial<Settings> = {}, line = 1): SampleHop {
  const layer: Layer = {
    source: 'ssh_config',
    values: { user: 'ops', ...values },
    originOf: () => `~/.ssh/config:${line}`,
  }
  const { settings, origins } = mergeLayers([layer])
  const { user, port, hostName } = settings
  const linkOrigin = { from: `~/.ssh/config:${line}`, beat: [] }
  const address = { host, hostName: hostName ?? host.toLowerCase(), user, port, linkOrigin }
  return { ...address, settings, origins, unused: [], owner: 'route' }
}

/** A route of hops, first to last: directly to the first one, or by another link. */
export function routeOf(hops: readonly SampleHop[], first: HopLink = { kind: 'tcp' }): Route {
  const links = hops.map((hop, index) => ({
    ...hop,
    link: index === 0 ? first : { kind: 'channel' as const },
  }))
  return { hops: links, warnings: [] }
}

/** A ProxyCommand as a link. */
export function throughCommand(text: string): HopLink {
  return commandLink({ shell: text }, text)
}

/** The entry of the last of the hops. */
export function entry(hops: readonly SampleHop[], first?: HopLink): MapEntry {
  return { host: hops.at(-1)?.host ?? '', route: routeOf(hops, first) }
}

/** A laptop's configuration: two gateways in a row, a host that is reached directly. */
export function fiveHosts(): readonly MapEntry[] {
  const edge = hop('edge', { hostName: 'edge.example.com', port: 2222, identityFile: ['~/.ssh/edge'] }, 3)
  const inner = hop('inner-gw', { hostName: '10.0.0.2', user: 'jump' }, 8)
  const db = hop('db-vm', { hostName: 'db.internal', serverAliveIntervalMs: 30_000, compression: true }, 14)
  return [
    entry([edge]),
    entry([edge, inner]),
    entry([edge, inner, db]),
    entry([edge, hop('web', { hostName: 'web.internal', user: 'deploy' }, 20)]),
    entry([hop('build', { hostName: 'build.example.com', forwardAgent: true }, 25)]),
  ]
}

/** Thirty hosts on three levels, some of them reached by a command, and one host that is reached in two ways. */
export function threeLevels(): readonly MapEntry[] {
  const sites = ['ams', 'fra', 'lon'].map((site, index) => ({
    site,
    edge: hop(`${site}-edge`, { hostName: `edge.${site}.example.com`, port: 2200 + index }, 10 * index + 1),
    core: hop(`${site}-core`, { hostName: `10.${index}.0.1`, user: 'netops' }, 10 * index + 4),
  }))
  const inSites = sites.flatMap(({ site, edge, core }) => [
    entry([edge]),
    entry([edge, core]),
    ...['web1', 'web2', 'cache'].map((name) => entry([edge, hop(`${name}.${site}`)])),
    ...['db1', 'db2', 'vault'].map((name) => entry([edge, core, hop(`${name}.${site}`, { user: 'dba' })])),
  ])
  const cloud = throughCommand('aws ssm start-session --target %h --document-name AWS-StartSSHSession')
  const [first, second] = sites
  return [
    ...inSites,
    ...['i-0a1b2c3d4e', 'i-0f9e8d7c6b'].map((name) => entry([hop(name, { user: 'ec2-user' })], cloud)),
    entry([hop('laptop'), hop('printer')], throughCommand('nc -X 5 -x localhost:9050 %h %p')),
    ...(first && second ? [entry([second.edge, hop('vault2', { hostName: 'vault.ams', user: 'dba' })])] : []),
    entry([hop('vault.direct', { hostName: 'vault.ams', user: 'dba' })]),
  ]
}

/** Two hundred hosts behind twelve gateways, two of which are behind others. */
export function twoHundredHosts(): readonly MapEntry[] {
  const roles = ['web', 'api', 'db', 'cache', 'queue', 'mon']
  const gateways = Array.from({ length: 12 }, (_, index) =>
    hop(`gw-${String(index + 1).padStart(2, '0')}`, { hostName: `gw${index + 1}.dc.example.com` }, index + 1),
  )
  const wayTo = (index: number): readonly SampleHop[] => {
    const gateway = gateways[index]
    if (gateway === undefined) return []
    return index < 10 ? [gateway] : [...wayTo(index - 10), gateway]
  }
  const behind = Array.from({ length: 178 }, (_, index) => {
    const number = (index * 7 + (index % 5)) % 12
    const name = `${roles[index % roles.length]}-${String(index + 1).padStart(3, '0')}`
    return entry([...wayTo(number), hop(name, { hostName: `${name}.dc${number + 1}.internal` }, 100 + index)])
  })
  const direct = Array.from({ length: 10 }, (_, index) => entry([hop(`public-${index + 1}`)]))
  return [...gateways.map((_, index) => entry(wayTo(index))), ...behind, ...direct]
}

/** Hosts without a route among others. */
export function withProblems(): readonly MapEntry[] {
  return [
    ...fiveHosts(),
    {
      host: 'loop',
      problem: 'the route comes back to ops@loop:22: loop → pool → loop (~/.ssh/config:41, ~/.ssh/config:44)',
    },
    { host: 'fdpass', problem: 'ProxyUseFdpass is not supported (~/.ssh/config:50)' },
    { host: 'bad', problem: '~/.ssh/config:57: the ProxyCommand has the unknown token %z' },
  ]
}

const long = 'a-very-long-host-name-that-somebody-made-out-of-a-ticket-number-and-a-date.'

/** Names, users and commands that are longer than any card, and some that are wider. */
export function longNames(): readonly MapEntry[] {
  const gateway = hop(`${long}gateway.${long}example.com`, { user: 'first.last@corporate.example.com' })
  return [
    entry([gateway]),
    ...['one', 'two', 'three'].map((name) => entry([gateway, hop(`${long}${name}.${long}internal`)])),
    entry([gateway, hop('数据库服务器一号.内部网络.例子'), hop('メールサーバー')]),
    entry(
      [hop('tunnel')],
      throughCommand(`connect --through ${long}proxy.example.com --with-many-words %h %p`),
    ),
    { host: `${long}lost`, problem: `${'no route can be found to this host '.repeat(9)}at all` },
  ]
}

/** Names and texts that would leave their place if a format did not escape them. */
export const hostile = [
  '</script><script>window.pwned=1</script>',
  '"><img src=x onerror="window.pwned=1">',
  "'onmouseover='window.pwned=1",
  ']]><!--',
  '&lt;&#60;&amp;',
  '"]; click here "javascript:alert(1)"',
  '%%{init: {"securityLevel":"loose"}}%%',
  '`**markdown**`',
  '#quot;#35;',
  '__proto__',
  'constructor',
  '\u202egnp.exe',
  '\ud800lone\u0007\ufffe',
  '$' + '{window.pwned=1}',
] as const

/** Hosts that are named, reached and refused by hostile texts. */
export function hostileHosts(): readonly MapEntry[] {
  return hostile.flatMap((text): readonly MapEntry[] => [
    entry([
      hop(`gw${text}`, { user: text }),
      hop(text, { hostName: `${text}.internal`, hostKeyAlias: text, password: text as never }),
    ]),
    entry([hop(`by command ${text}`)], throughCommand(`nc ${text}`)),
    { host: `refused ${text}`, problem: text },
  ])
}
