import { userInfo } from 'node:os'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  ConfigError,
  Connection,
  explainRoute,
  GatewayConflictError,
  parseSshConfig,
} from '../../../src/index.js'
import { resolve } from '../../../src/resolve.js'
import { checkRequest, type RouteOptions } from '../../../src/route/request.js'

async function hopsOf(host: string, options: RouteOptions = {}) {
  const { hops } = await resolve(host, options)
  return hops.map(({ user, host: name, port, link }) => [`${user}@${name}:${port}`, link.kind])
}

const me = userInfo().username

describe('a route', () => {
  test('without a gateway is one hop, dialled directly', async () => {
    expect(await hopsOf('db')).toEqual([[`${me}@db:22`, 'tcp']])
    expect(await hopsOf('db', { gateway: false })).toEqual([[`${me}@db:22`, 'tcp']])
  })

  test('visits the hosts of proxyJump from left to right', async () => {
    expect(await hopsOf('db', { proxyJump: 'user@a:2222,ssh://b,[2001:db8::1]:2200' })).toEqual([
      ['user@a:2222', 'tcp'],
      [`${me}@b:22`, 'channel'],
      [`${me}@2001:db8::1:2200`, 'channel'],
      [`${me}@db:22`, 'channel'],
    ])
  })

  test('inherits nothing from the target', async () => {
    const options = { user: 'deploy', port: 2200, password: 'secret', identityFile: ['k'], proxyJump: 'gw' }
    const [gateway] = (await resolve('db', options)).hops
    expect(gateway).toMatchObject({
      user: me,
      port: 22,
      settings: { password: undefined, identityFile: undefined },
    })
  })

  test('begins with the route of the connection that is its gateway', async () => {
    const edge = new Connection('ops@edge:2222')
    const inner = new Connection('inner', { user: 'jump', gateway: edge })
    expect(await hopsOf('db', { gateway: inner, user: 'x' })).toEqual([
      ['ops@edge:2222', 'tcp'],
      ['jump@inner:22', 'channel'],
      ['x@db:22', 'channel'],
    ])
  })

  test('takes a string for a ProxyCommand', async () => {
    const [hop] = (await resolve('db', { gateway: 'ssh -W %h:%p bastion' })).hops
    expect(hop?.link).toMatchObject({ kind: 'command', command: { shell: 'ssh -W db:22 bastion' } })
  })

  test.each([
    ['gw:,b', 'gw:22', 'b:22'],
    ['gw:http,b', 'gw:80', 'b:22'],
    ['ssh://gw/,b', 'gw:22', 'b:22'],
    ['a,2001:db8::1', 'a:22', '2001:db8::1:22'],
  ])('reads the proxyJump %s as ssh does, and takes more', async (proxyJump, ...gateways) => {
    const { hops } = await resolve('db', { proxyJump })
    expect(hops.slice(0, -1).map(({ host, port }) => `${host}:${port}`)).toEqual(gateways)
  })

  test('reads a plus in the user of an address as a blank, and no password', async () => {
    const { hops } = await resolve('db', { proxyJump: 'ssh://a+b@gw,ssh://c:s3cret@inner' })
    expect(hops.map(({ user }) => user)).toEqual(['a b', 'c', me])
  })

  test.each([
    ['%r@gw', 'gw', 'a,attacker.example:2222,b'],
    ['gw,%r@inner', 'inner', 'a,attacker.example:2222,b'],
    ['%r@gw:2200', 'gw', 'x@attacker.example:22'],
  ])('takes no further hop out of a value that stands for a token: %s', async (proxyJump, last, user) => {
    const sshConfig = parseSshConfig(`Host db\n  ProxyJump ${proxyJump}\n`)
    const { hops } = await resolve('db', { sshConfig, config: false, user })
    expect(hops).toHaveLength(proxyJump.split(',').length + 1)
    expect(hops.at(-2)).toMatchObject({ host: last, user })
  })

  test('refuses a value that is no host where it stands for one', async () => {
    const sshConfig = parseSshConfig('Host db\n  ProxyJump %r\n')
    const asked = resolve('db', { sshConfig, config: false, user: 'x@attacker.example' })
    await expect(asked).rejects.toMatchObject({ code: 'INVALID_DESTINATION' })
  })

  test.each([{ proxyJump: 'none' }, { proxyJump: 'NONE' }, { proxyCommand: 'none' }])(
    '%o is directly',
    async (options) => {
      expect(await hopsOf('db', options)).toEqual([[`${me}@db:22`, 'tcp']])
    },
  )

  test('goes through a dialer', async () => {
    const dialer = { dial: () => Promise.reject(new Error('never')) }
    expect(await hopsOf('db', { gateway: dialer })).toEqual([[`${me}@db:22`, 'dialer']])
  })

  test.each<RouteOptions>([
    { gateway: new Connection('gw'), proxyCommand: 'nc %h %p' },
    { gateway: new Connection('gw'), proxyJump: 'gw' },
    { gateway: 'nc %h %p', proxyJump: 'gw' },
    { gateway: false, proxyJump: 'gw' },
    { proxyJump: 'gw', proxyCommand: 'nc %h %p' },
  ])('of two kinds at once is a conflict that names both (case %#)', (options) => {
    try {
      checkRequest('db', options)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayConflictError)
      const { sources, hint, message } = error as GatewayConflictError
      expect(sources).toEqual(Object.keys(options).map((name) => `option ${name}`))
      for (const source of sources) expect(message).toContain(source)
      expect(hint).toContain('gateway: false')
    }
  })

  test.each<[string, RouteOptions]>([
    ['db', { proxyJump: 'db' }],
    ['u@db:22', { proxyJump: 'a,u@b,u@db' }],
    ['u@DB', { gateway: new Connection('u@db') }],
    ['x', { user: 'u', hostName: 'db', proxyJump: 'u@db' }],
  ])('that comes back is refused with its path (%s)', async (host, options) => {
    await expect(resolve(host, options)).rejects.toThrow(
      expect.objectContaining({ code: 'GATEWAY_LOOP', message: expect.stringContaining(' → ') }),
    )
  })

  test('may visit a host again as another user', async () => {
    expect(await hopsOf('one@b', { proxyJump: 'two@b,x' })).toHaveLength(3)
  })

  test('has at most 16 hops', async () => {
    const jumps = (count: number) => Array.from({ length: count }, (_, index) => `h${index}`).join(',')
    expect(await hopsOf('db', { proxyJump: jumps(15) })).toHaveLength(16)
    await expect(resolve('db', { proxyJump: jumps(16) })).rejects.toThrow(
      expect.objectContaining({ code: 'ROUTE_TOO_LONG', message: expect.stringContaining('h0 → h1') }),
    )
  })

  test.each<[string, object, string]>([
    ['a misspelt option', { gatway: false }, 'gatway'],
    ['a port that is none', { port: 70_000 }, 'option port'],
    ['a port as text', { port: '22' }, 'option port'],
    ['a user with a shell character', { user: 'a;b' }, 'option user'],
    ['a host name with a blank', { hostName: 'a b' }, 'option hostName'],
    ['a gateway of a wrong type', { gateway: 42 }, 'option gateway'],
    ['a gateway of null', { gateway: null }, 'option gateway'],
    ['an empty command', { gateway: '  ' }, 'option gateway'],
    ['an empty list', { gateway: { command: [] } }, 'option gateway'],
    ['blanks around the commas', { proxyJump: 'a, b' }, 'option proxyJump'],
    ['an empty hop', { proxyJump: 'a,,b' }, 'option proxyJump'],
    ['a hop that is an option', { proxyJump: '-oProxyCommand=x' }, 'option proxyJump'],
    ['a policy that is none', { strictHostKeyChecking: 'off' }, 'option strictHostKeyChecking'],
  ])('refuses %s and names it', (_, options, named) => {
    expect(() => checkRequest('db', options as RouteOptions)).toThrow(ConfigError)
    expect(() => checkRequest('db', options as RouteOptions)).toThrow(named)
  })

  test('refuses a user or a port that is given twice and differs', async () => {
    expect(() => checkRequest('a@db', { user: 'b' })).toThrow('option user')
    expect(() => checkRequest('db:22', { port: 23 })).toThrow('option port')
    expect(await hopsOf('a@db:23', { user: 'a', port: 23 })).toEqual([['a@db:23', 'tcp']])
  })

  test('never changes the options, and does not mind if they change later', async () => {
    const options = Object.freeze({ identityFile: Object.freeze(['k']), port: 2200 })
    await expect(resolve('db', options)).resolves.toBeDefined()
  })

  test('is frozen, knows where each value came from, and prints no secret', async () => {
    const route = await resolve('db', { password: 'hunter2', passphrase: 'hunter3', port: 2200 })
    const [hop] = route.hops
    expect(Object.isFrozen(route) && Object.isFrozen(route.hops) && Object.isFrozen(hop)).toBe(true)
    expect(hop?.origins.port).toMatchObject({ from: 'option port', beat: [] })
    expect(hop?.origins.user).toMatchObject({ from: 'default', beat: [] })
    for (const text of [inspect(route, { depth: 9 }), JSON.stringify(route)]) {
      expect(text).not.toMatch(/hunter/)
      expect(text).toContain('[secret]')
    }
  })

  test('can be read by a person', async () => {
    const route = await resolve('db', { user: 'u', proxyJump: 'ops@edge,x@[::1]:2200' })
    expect(explainRoute(route)).toBe(
      '1  ops@edge:22   directly\n2  x@[::1]:2200  through edge\n3  u@db:22       through ::1',
    )
  })
})
