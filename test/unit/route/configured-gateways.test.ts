// Gateways that configured sources give to hosts: which counts, how they nest, and what is refused.

import { userInfo } from 'node:os'
import { describe, expect, test } from 'vitest'
import type { Configuration, ConfiguredGateway } from '../../../src/config/host-answer.js'
import type { Source } from '../../../src/config/merge.js'
import type { Settings } from '../../../src/config/settings.js'
import { Connection, type Dialer, GatewayConflictError } from '../../../src/index.js'
import { checkRequest, type RouteOptions } from '../../../src/route/request.js'
import { resolveRoute } from '../../../src/route/resolve.js'

interface Entry {
  readonly settings?: Partial<Settings>
  readonly gateways?: readonly ConfiguredGateway[]
}

/** A configuration that says the same of a host whoever asks; the line of a host is its place in the list. */
function configured(hosts: Readonly<Record<string, Entry>>): Configuration & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    lookUp: async ({ host, user, port }) => {
      asked.push(`${user ?? ''}@${host}:${port ?? ''}`)
      const { settings = {}, gateways = [] } = hosts[host] ?? hosts['*'] ?? {}
      const line = Object.keys(hosts).indexOf(host) + 1
      const layer = { source: 'ssh_config', values: settings, originOf: () => `config:${line}` } as const
      return { layers: [layer], gateways, warnings: [], unused: [] }
    },
  }
}

const jump = (text: string, origin = 'config:1', source: Source = 'ssh_config'): ConfiguredGateway => ({
  kind: 'jump',
  text,
  origin,
  source,
})
const command = (text: string, origin = 'config:2', source: Source = 'ssh_config'): ConfiguredGateway => ({
  kind: 'command',
  command: text,
  origin,
  source,
})
const direct = (source: Source = 'ssh_config'): ConfiguredGateway => ({
  kind: 'direct',
  origin: 'config:3',
  source,
})

async function routeTo(host: string, hosts: Readonly<Record<string, Entry>>, options: RouteOptions = {}) {
  const { route } = await resolveRoute(checkRequest(host, options), configured(hosts))
  return route.hops
}

const me = userInfo().username
const way = async (...args: Parameters<typeof routeTo>) =>
  (await routeTo(...args)).map(({ user, hostName, port, link }) => `${user}@${hostName}:${port} ${link.kind}`)

describe('a gateway from configuration', () => {
  test('is visited first to last, and each hop has what is said of itself', async () => {
    const hosts = {
      db: { settings: { user: 'dba', port: 5022 }, gateways: [jump('edge,ops@inner:2200')] },
      edge: { settings: { hostName: 'edge.example.com', user: 'jump', port: 2222 } },
      inner: { settings: { hostName: '10.0.0.7', user: 'nobody', port: 22 } },
    }
    expect(await way('db', hosts)).toEqual([
      'jump@edge.example.com:2222 tcp',
      'ops@10.0.0.7:2200 channel',
      'dba@db:5022 channel',
    ])
  })

  test('has a gateway of its own where it is the first of the list, and there only', async () => {
    const hosts = {
      db: { gateways: [jump('b,c')] },
      b: { gateways: [jump('a')] },
      c: { gateways: [jump('elsewhere')] },
      a: { gateways: [command('nc %h %p')] },
    }
    expect(await way('db', hosts)).toEqual([
      `${me}@a:22 command`,
      `${me}@b:22 channel`,
      `${me}@c:22 channel`,
      `${me}@db:22 channel`,
    ])
  })

  test('inherits nothing: not what the caller says of the target, nor what is configured for it', async () => {
    const hosts = {
      db: { settings: { password: 'configured', identityFile: ['/db-key'] }, gateways: [jump('edge')] },
    }
    const options = { user: 'dba', port: 5022, passphrase: 'given', identitiesOnly: true }
    const [edge, db] = await routeTo('db', hosts, options)
    expect(db?.settings).toMatchObject({ password: 'configured', passphrase: 'given', user: 'dba' })
    expect(edge?.settings).toMatchObject({
      user: me,
      port: 22,
      password: undefined,
      passphrase: undefined,
      identityFile: undefined,
      identitiesOnly: false,
    })
  })

  test('tells where it was said, and what that beat', async () => {
    const hosts = { db: { gateways: [jump('edge'), command('nc', 'sallyport.config.json', 'project')] } }
    const [edge, db] = await routeTo('db', hosts)
    expect(db?.linkOrigin).toEqual({ from: 'config:1', beat: ['sallyport.config.json'] })
    expect(edge?.linkOrigin).toEqual({ from: 'default', beat: [] })
  })

  test('tells what a later hop of the list says in vain', async () => {
    const hosts = {
      db: { gateways: [jump('a,b')] },
      b: { settings: { bindAddress: '127.0.0.1' }, gateways: [command('nc', 'config:9')] },
    }
    const [, b] = await routeTo('db', hosts)
    expect(b?.linkOrigin).toEqual({ from: 'config:1', beat: ['config:9'] })
    expect(b?.unused).toEqual([{ keyword: 'BindAddress', words: ['127.0.0.1'], origin: 'config:2' }])
  })

  test('may have the address of another, where their host keys have names of their own', async () => {
    const here = { hostName: '127.0.0.1', port: 2222 }
    const hosts = {
      db: { settings: { ...here, hostKeyAlias: 'db' }, gateways: [jump('edge')] },
      edge: { settings: { ...here, hostKeyAlias: 'edge' } },
    }
    expect(await way('db', hosts)).toHaveLength(2)
  })

  test('is asked for by the name, user and port that the list gives, and by no others', async () => {
    const configuration = configured({ db: { gateways: [jump('u@edge:2200,[2001:db8::1]')] } })
    await resolveRoute(checkRequest('x@db', {}), configuration)
    expect(configuration.asked).toEqual(['x@db:', 'u@edge:2200', '@2001:db8::1:'])
  })
})

const edge = new Connection('edge', { sshConfig: false, config: false })
const dialer: Dialer = { dial: () => Promise.reject(new Error('never')) }
const own: Source = 'project'

describe('two kinds of gateway', () => {
  test.each<[string, RouteOptions, readonly ConfiguredGateway[], readonly [string, string]]>([
    [
      'a connection, over a ProxyCommand of ssh_config',
      { gateway: edge },
      [command('nc')],
      ['option gateway', 'config:2'],
    ],
    [
      'hosts to jump through, beside a ProxyCommand in the caller’s own words of ssh',
      { proxyJump: 'edge', sshOptions: ['ProxyCommand=nc %h %p'] },
      [],
      ['option proxyJump', '-o ProxyCommand'],
    ],
    [
      'hosts of our own configuration, over a ProxyCommand of ssh_config',
      {},
      [command('nc'), jump('edge', 'sallyport.yaml', own)],
      ['sallyport.yaml', 'config:2'],
    ],
  ])('are a conflict that names both: %s', async (_, options, gateways, sources) => {
    const error = await routeTo('db', { db: { gateways } }, options).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(GatewayConflictError)
    const { sources: named, message, hint } = error as GatewayConflictError
    expect(named).toEqual(sources)
    for (const source of sources) expect(message).toContain(source)
    if (options.sshOptions !== undefined) return
    for (const wayOut of ['gateway: false', 'ProxyCommand none', 'sshConfig: false']) {
      expect(hint).toContain(wayOut)
    }
  })

  test.each<[string, RouteOptions, readonly ConfiguredGateway[], string]>([
    ['a connection over a ProxyJump', { gateway: edge }, [jump('other')], `${me}@edge:22 tcp`],
    ['a connection over ProxyCommand none', { gateway: edge }, [direct()], `${me}@edge:22 tcp`],
    ['a connection over our own command', { gateway: edge }, [command('nc', 'x', own)], `${me}@edge:22 tcp`],
    ['a command over a ProxyJump', { gateway: 'nc %h' }, [jump('other')], `${me}@db:22 command`],
    ['a command over a ProxyCommand', { gateway: 'nc %h' }, [command('ssh')], `${me}@db:22 command`],
    ['proxyJump over a ProxyCommand, as ssh -J', { proxyJump: 'edge' }, [command('nc')], `${me}@edge:22 tcp`],
    ['proxyCommand over a ProxyJump', { proxyCommand: 'nc' }, [jump('other')], `${me}@db:22 command`],
    ['gateway: false over a ProxyCommand', { gateway: false }, [command('nc')], `${me}@db:22 tcp`],
    ['gateway: false over a ProxyJump', { gateway: false }, [jump('other')], `${me}@db:22 tcp`],
    ['a dialer over a ProxyCommand', { gateway: dialer }, [command('nc')], `${me}@db:22 dialer`],
    [
      'ProxyJump of ssh_config over our own command',
      {},
      [jump('edge'), command('nc', 'x', own)],
      `${me}@edge:22 tcp`,
    ],
    [
      'ProxyCommand over our own command',
      {},
      [command('ssh'), command('nc', 'x', own)],
      `${me}@db:22 command`,
    ],
    ['none of ssh_config over our own hosts', {}, [direct(), jump('edge', 'x', own)], `${me}@db:22 tcp`],
    ['ProxyCommand over our own gateway: false', {}, [command('nc'), direct(own)], `${me}@db:22 command`],
    ['our own hosts alone', {}, [jump('edge', 'x', own)], `${me}@edge:22 tcp`],
  ])('are none where one rules the other: %s', async (_, options, gateways, first) => {
    expect((await way('db', { db: { gateways } }, options))[0]).toBe(first)
  })
})

describe('a loop through configuration', () => {
  test.each<[string, Readonly<Record<string, Entry>>, string]>([
    ['a host that is its own gateway', { db: { gateways: [jump('db', 'config:7')] } }, 'db → db (config:7)'],
    [
      'two hosts that are gateways of each other',
      { db: { gateways: [jump('b', 'config:2')] }, b: { gateways: [jump('db', 'config:5')] } },
      'db → b → db (config:2, config:5)',
    ],
    [
      'a pattern that matches its own gateway',
      { '*': { gateways: [jump('bastion', 'config:9')] } },
      'db → bastion → bastion (config:9, config:9)',
    ],
    [
      'a nickname of the target',
      {
        db: { settings: { hostName: '10.0.0.1' }, gateways: [jump('b', 'config:1')] },
        b: { gateways: [jump('other', 'config:2')] },
        other: { settings: { hostName: '10.0.0.1' } },
      },
      'db → b → other (config:1, config:2)',
    ],
  ])('is refused with its path and its lines: %s', async (_, hosts, told) => {
    await expect(routeTo('db', hosts)).rejects.toMatchObject({
      name: 'ConfigError',
      code: 'GATEWAY_LOOP',
      message: expect.stringContaining(told),
      hint: expect.stringContaining('!gateway'),
    })
  })

  test('that never comes back to the same host ends at 16 hops', async () => {
    const configuration: Configuration = {
      lookUp: async ({ host }) => ({
        layers: [],
        gateways: [jump(`x${host}`, 'config:1')],
        warnings: [],
        unused: [],
      }),
    }
    await expect(resolveRoute(checkRequest('db', {}), configuration)).rejects.toMatchObject({
      code: 'ROUTE_TOO_LONG',
      message: expect.stringContaining('db → xdb → xxdb'),
    })
  })
})
