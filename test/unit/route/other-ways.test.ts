// Proxies, commands on a gateway and lists of gateways in a route: what it has, how it is told, and what is refused.

import { describe, expect, test } from 'vitest'
import { Connection } from '../../../src/connection.js'
import { GatewayConflictError } from '../../../src/errors.js'
import { graphOf } from '../../../src/map/graph.js'
import { mapToHtml } from '../../../src/map/html.js'
import { mapToJson } from '../../../src/map/json.js'
import { mapToMermaid } from '../../../src/map/mermaid.js'
import { mapToSvg } from '../../../src/map/svg.js'
import { resolve } from '../../../src/resolve.js'
import { explainRoute } from '../../../src/route/explain.js'
import { explainHops } from '../../../src/route/explain-hops.js'
import type { GatewayOption } from '../../../src/route/gateway.js'
import { checkRequest, type RouteOptions } from '../../../src/route/request.js'
import { resolveRoute } from '../../../src/route/resolve.js'
import { routeDocument } from '../../../src/route/route-document.js'
import { sshCommand } from '../../../src/route/ssh-command.js'
import { firstOf } from '../../../src/ways/first-of.js'
import { httpConnect } from '../../../src/ways/http-connect.js'
import { socks5 } from '../../../src/ways/socks5.js'
import { assertNoCanary, canary } from '../../support/canary.js'

const alone = { sshConfig: false, config: false } as const
const edge = (gateway: GatewayOption = false): Connection =>
  new Connection('ops@edge:2222', { ...alone, gateway })
const routeTo = (gateway: GatewayOption, options: RouteOptions = {}) =>
  resolve('ops@db:2200', { ...alone, gateway, ...options })
const secret = canary()
const socks = socks5('socks5://proxy.example')
const http = httpConnect('http://[2001:db8::1]:3128')
const nc = { command: 'nc %h %p' }

const cases: readonly (readonly [string, () => GatewayOption, string, object])[] = [
  [
    'a proxy',
    () => socks,
    'through the proxy socks5://proxy.example:1080',
    { kind: 'proxy', proxies: ['socks5://proxy.example:1080'] },
  ],
  [
    'a proxy through another',
    () => httpConnect('https://second', { gateway: http }),
    'through the proxies http://[2001:db8::1]:3128, https://second:443',
    { kind: 'proxy', proxies: ['http://[2001:db8::1]:3128', 'https://second:443'] },
  ],
  [
    'a proxy behind a gateway',
    () => socks5('socks5h://proxy.example:9050', { gateway: edge(), user: 'mole', password: secret }),
    'through edge and the proxy socks5://proxy.example:9050',
    { kind: 'proxy', proxies: ['socks5://proxy.example:9050'] },
  ],
  [
    'a command on a gateway',
    () => ({ ...nc, on: edge() }),
    'through the command nc %h %p on edge',
    { kind: 'remote-command', command: 'nc %h %p', when: 'always' },
  ],
  [
    'a command where forwarding is prohibited',
    () => ({ ...nc, on: edge(), when: 'forwarding is prohibited' }),
    'through edge; where that is prohibited, through the command nc %h %p on it',
    { kind: 'remote-command', command: 'nc %h %p', when: 'forwarding is prohibited' },
  ],
  [
    'one of several',
    () => firstOf([edge(), socks, false]),
    'through first of edge, socks5://proxy.example:1080, directly',
    { kind: 'dialer', name: 'first of edge, socks5://proxy.example:1080, directly' },
  ],
  [
    'a dialer with a name',
    () => ({ name: 'a tunnel\u001b', dial: () => Promise.reject() }),
    'through a tunnel\\x1b',
    { kind: 'dialer', name: 'a tunnel\\x1b' },
  ],
]

describe('a way', () => {
  test.each(cases)('by %s is told in text, in JSON and in every picture', async (_, gateway, text, link) => {
    const route = await routeTo(gateway())
    expect(explainRoute(route).split('\n').at(-1)).toMatch(/^\d {2}ops@db:2200 +\S/)
    expect(explainRoute(route).endsWith(`  ${text}`)).toBe(true)
    expect(explainHops(route).at(-1)?.lines.join('\n')).toMatch(/^ {3}gateway {2}/)
    const origin = { from: 'option gateway', beat: [] }
    expect(JSON.parse(JSON.stringify(routeDocument(route))).hops.at(-1).link).toEqual({ ...link, origin })
    const graph = graphOf([{ host: 'db', route }])
    const note =
      'proxies' in link
        ? String(link.proxies).replaceAll(',', ', ')
        : 'command' in link
          ? 'nc %h %p'
          : text.slice(8)
    const last = graph.links.at(-1)
    expect(last?.command ?? last?.by).toBe(note)
    expect(JSON.parse(mapToJson(graph)).links.at(-1).kind).toBe((link as { kind: string }).kind)
    expect(mapToMermaid(graph)).toContain('-.->|"')
    expect(mapToSvg(graph)).toContain(`class="line ${(link as { kind: string }).kind}"`)
    expect(mapToHtml(graph)).toContain('remote-command')
    for (const shown of [explainRoute(route), routeDocument(route), graph, route, sshCommand(route)])
      assertNoCanary(shown)
  })

  test('through a connection begins with the hops of it', async () => {
    const { hops } = await routeTo(socks5('socks5://p', { gateway: edge(http) }))
    expect(hops.map(({ host, owner, link }) => [host, owner, link.kind])).toEqual([
      ['edge', 'connection', 'proxy'],
      ['db', 'route', 'proxy'],
    ])
  })

  test.each([
    [{ command: 'nc -x "%h" %p %% %r %n %k', on: edge() }, 'nc -x "db" 2200 % ops db db'],
    [{ command: ['nc', '%h', "it's", '$x', ''], on: edge() }, `nc db 'it'\\''s' '$x' ''`],
  ])('by a command has its tokens expanded, and the words of a list quoted: %#', async (gateway, command) => {
    expect((await routeTo(gateway)).hops.at(-1)?.link).toMatchObject({ kind: 'remote-command', command })
  })

  test('shows nothing of a secret in a command', async () => {
    const route = await routeTo({ command: `ncat --proxy-auth u:${secret} %h %p`, on: edge() })
    for (const shown of [
      route,
      JSON.stringify(route),
      routeDocument(route),
      explainRoute(route),
      sshCommand(route),
    ])
      assertNoCanary(shown)
    expect(sshCommand(route).remarks).toEqual([expect.stringContaining('is not shown')])
  })
})

describe('what is refused before any work', () => {
  const broken = (option: unknown) => () => checkRequest('db', { gateway: option as GatewayOption })

  test.each([
    [{ ...nc, when: 'always' }, /give on, too/],
    [{ ...nc, on: edge(), when: 'sometimes' }, /when must be always/],
    [{ ...nc, on: { dial: () => undefined } }, /on must be a Connection/],
    [{ command: 'none', on: edge() }, /on needs a command/],
    [{ command: 'nc\n%h', on: edge() }, /must be one line/],
    [{ command: [], on: edge() }, /a list of words/],
    [{ dial: () => undefined, dialLimitMs: Number.NaN }, /dialLimitMs: must be milliseconds/],
    [{ dial: () => undefined, dialLimitMs: Number.POSITIVE_INFINITY }, /dialLimitMs: must be milliseconds/],
  ])('%j', (option, message) => {
    expect(broken(option)).toThrow(message)
  })

  test.each([
    [{ command: 'nc %z', on: edge() }, {}, 'UNKNOWN_TOKEN'],
    [{ command: 'nc %r', on: edge() }, { user: 'a b' }, 'UNSAFE_VALUE'],
  ])('a token that is not known, and a value that a shell could read: %#', async (gateway, options, code) => {
    await expect(resolve('db', { ...alone, gateway, ...options })).rejects.toMatchObject({ code })
  })

  test.each([
    ['a command on a connection', { ...nc, on: edge() }, true],
    ['a proxy behind a connection', socks5('socks5://p', { gateway: edge() }), true],
    ['a proxy', socks, false],
    ['one of several', firstOf([edge()]), false],
  ])(
    '%s together with a ProxyCommand of ssh_config, where that is a connection',
    async (_, gateway, isConflict) => {
      const gateways = [
        { kind: 'command', command: 'nc', origin: '~/.ssh/config:2', source: 'ssh_config' } as const,
      ]
      const lookUp = async () => ({ layers: [], gateways, warnings: [], unused: [] })
      const resolved = resolveRoute(checkRequest('db', { gateway, user: 'ops' }), { lookUp })
      if (isConflict) await expect(resolved).rejects.toThrow(GatewayConflictError)
      else expect((await resolved).route.hops).toHaveLength(1)
    },
  )

  test('a way over more proxies and hops than a route may have', async () => {
    let proxy = socks5('socks5://p0')
    for (let index = 1; index < 16; index++) proxy = socks5(`socks5://p${index}`, { gateway: proxy })
    await expect(routeTo(proxy)).rejects.toMatchObject({ code: 'ROUTE_TOO_LONG' })
  })
})

describe('a password for a proxy', () => {
  const login = { user: 'mole', password: secret }
  test.each([
    [socks5('socks5://proxy.example', login), ['socks5://proxy.example:1080']],
    [httpConnect('http://proxy.example', login), ['http://proxy.example:1080']],
    [httpConnect('https://proxy.example', login), []],
    [socks5('socks5://127.0.0.1', login), []],
    [socks5('socks5://localhost', login), []],
    [socks5('socks5://proxy.example'), []],
    [socks5('socks5://[::1]', { ...login, gateway: httpConnect('http://a', login) }), ['http://a:1080']],
  ])('that goes over a network in clear is warned of: %s', async (gateway, urls) => {
    expect((await routeTo(gateway)).warnings).toEqual(
      urls.map((url) => `db: the password for the proxy ${url} goes there unencrypted (option gateway)`),
    )
  })
})

describe('the command line of ssh', () => {
  test.each<[string, GatewayOption, string, readonly string[]]>([
    ['a SOCKS proxy', socks, "-o 'ProxyCommand=nc -X 5 -x proxy.example:1080 %h %p'", []],
    ['an HTTP proxy', http, "-o 'ProxyCommand=nc -X connect -x [2001:db8::1]:3128 %h %p'", []],
    [
      'a login',
      socks5('socks5://u:p@h'),
      '',
      ['db: is reached through a proxy that wants a password, for which ssh has no words'],
    ],
    [
      'several proxies',
      socks5('socks5://h', { gateway: http }),
      '',
      ['db: is reached through several proxies, for which ssh has no words'],
    ],
    [
      'TLS',
      httpConnect('https://h'),
      '',
      ['db: is reached through a proxy by TLS, for which ssh has no words'],
    ],
    [
      'a proxy behind a gateway',
      socks5('socks5://h', { gateway: edge() }),
      '',
      ['db: is reached through a proxy behind edge, for which ssh has no words'],
    ],
    [
      'a command on a gateway',
      { ...nc, on: edge() },
      `-o 'ProxyCommand=ssh -F none -l ops -p 2222 edge '"'"'nc db 2200'"'"`,
      [],
    ],
    [
      'a command as a last resort',
      { ...nc, on: edge(), when: 'forwarding is prohibited' },
      '-J ops@edge:2222',
      ['db: ssh does not try the command on edge where forwarding is prohibited'],
    ],
    [
      'one of several',
      firstOf([false]),
      '',
      ['db: is reached through first of directly of the program, which ssh does not have'],
    ],
  ])('for %s says what it can', async (_, gateway, words, remarks) => {
    const { text, remarks: told } = sshCommand(await routeTo(gateway))
    expect(text).toBe(`ssh -F none ${words === '' ? '' : `${words} `}-l ops -p 2200 db`)
    expect(told).toEqual(remarks)
  })
})
