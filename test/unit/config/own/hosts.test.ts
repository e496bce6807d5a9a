import { describe, expect, it } from 'vitest'
import {
  defineConfig,
  type HostConfig,
  type SallyportConfig,
} from '../../../../src/config/own/define-config.js'
import { configErrorOf, machine, valuesFor } from './rig.js'

const load = (config: SallyportConfig) => machine().load({ config })

describe('what a configuration says about a host', () => {
  it('is what the first pattern says that matches and has a value, and else the top level', async () => {
    const configs = await load(
      defineConfig({
        port: 1,
        user: 'top',
        hosts: {
          'db.internal': { port: 2 },
          '*.internal !gw.internal': { port: 3, user: 'inner' },
          '?b,x*': { compression: true },
        },
      }),
    )
    expect(valuesFor(configs, 'db.internal')).toEqual({ port: 2, user: 'inner' })
    expect(valuesFor(configs, 'web.internal')).toEqual({ port: 3, user: 'inner' })
    expect(valuesFor(configs, 'WEB.Internal')).toEqual({ port: 3, user: 'inner' })
    expect(valuesFor(configs, 'gw.internal')).toEqual({ port: 1, user: 'top' })
    expect(valuesFor(configs, 'db')).toEqual({ port: 1, user: 'top', compression: true })
    expect(valuesFor(configs, 'xy')).toEqual({ port: 1, user: 'top', compression: true })
  })

  it('is found among ten thousand names as fast as among few, in the order of the file', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `host${index}`)
    const hosts: Record<string, HostConfig> = { 'host7*': { compression: true } }
    for (const [index, name] of names.entries()) hosts[name] = { port: index + 1, compression: false }
    hosts['*9'] = { port: 9, user: 'nine' }
    const configs = await load({ hosts, user: 'top' })
    const startMs = performance.now()
    for (const [index, name] of names.entries()) {
      expect(configs[0]?.forHost(name).layer.values.port).toBe(index + 1)
    }
    expect(performance.now() - startMs).toBeLessThan(4000)
    expect(valuesFor(configs, 'HOST79')).toEqual({ compression: true, port: 80, user: 'nine' })
    expect(valuesFor(configs, 'host8')).toEqual({ compression: false, port: 9, user: 'top' })
    expect(valuesFor(configs, 'x9')).toEqual({ port: 9, user: 'nine' })
  }, 20_000)

  it('is found though something separates a single name from nothing', async () => {
    expect(valuesFor(await load({ hosts: { 'db,': { port: 1 } } }), 'db')).toEqual({ port: 1 })
  })

  it('never is another host’s secret, nor one for several', async () => {
    const configs = await load({ hosts: { db: { password: 'p', proxyJump: 'gw' }, gw: { port: 2 } } })
    expect(valuesFor(configs, 'db')).toEqual({ password: 'p' })
    expect(valuesFor(configs, 'gw')).toEqual({ port: 2 })
    for (const hosts of ['*', 'd?', 'db web', 'db,web', '!db', '*.internal']) {
      const error = await configErrorOf(load({ hosts: { [hosts]: { password: 'p' } } }))
      expect(error.message).toMatch(/: a secret needs the name of one host, without wildcards, in hosts$/)
    }
    expect((await configErrorOf(load({ password: 'p' }))).message).toMatch(
      /^option config: password: a secret/,
    )
  })

  it('leaves no switch that accepts every host key', async () => {
    const hosts: readonly HostConfig[] = [{ strictHostKeyChecking: 'no' }, { verifyHostKey: () => 'accept' }]
    for (const host of hosts) {
      expect((await configErrorOf(load(host))).message).toMatch(/host keys of all hops/)
      expect((await configErrorOf(load({ hosts: { 'lab *': host } }))).message).toMatch(/of all hops/)
      expect(valuesFor(await load({ hosts: { '*.lab': host } }), 'a.lab')).toEqual(host)
    }
  })
})

describe('a gateway', () => {
  it.each<[SallyportConfig, object | undefined]>([
    [{}, undefined],
    [{ gateway: false }, { kind: 'direct', origin: 'option config: gateway' }],
    [{ gateway: 'none' }, { kind: 'direct' }],
    [{ gateway: 'nc %h %p' }, { kind: 'command', command: 'nc %h %p', origin: 'option config: gateway' }],
    [{ gateway: ['ops@a:22', '[::1]'] }, { kind: 'jump', text: 'ops@a:22,[::1]', source: 'project' }],
    [{ proxyJump: 'a,b' }, { kind: 'jump', text: 'a,b', origin: 'option config: proxyJump' }],
    [{ proxyJump: 'none' }, { kind: 'direct' }],
    [{ proxyCommand: 'nc %h %p' }, { kind: 'command', command: 'nc %h %p' }],
    [
      { proxyJump: 'a', hosts: { 'h*': { gateway: 'c' } } },
      { kind: 'command', command: 'c' },
    ],
    [{ gateway: 'c', hosts: { h: { proxyJump: 'none' } } }, { kind: 'direct' }],
  ])('%j', async (config, gateway) => {
    const [own] = await load(config)
    const found = own?.forHost('h').gateway
    if (gateway === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject(gateway)
  })

  it.each<[SallyportConfig, RegExp]>([
    [{ gateway: 'c', proxyJump: 'a' }, /^option config: proxyJump: gateway is given, too/],
    [{ proxyJump: 'a', proxyCommand: 'c' }, /^option config: proxyCommand: proxyJump is given, too/],
    [{ gateway: [] }, /^option config: gateway: must name at least one host/],
    [{ gateway: ['a,b'] }, /one host in each entry/],
    [{ gateway: ['none'] }, /write false/],
    [{ gateway: ' ' }, /must not be empty/],
    [{ hosts: { h: { proxyCommand: 'a\nb' } } }, /^option config: hosts\.h\.proxyCommand: must be one line/],
  ])('%j is refused', async (config, message) => {
    expect((await configErrorOf(load(config))).message).toMatch(message)
  })
})

describe('what concerns no single host', () => {
  it.each<[SallyportConfig['sshConfig'], object | undefined]>([
    [undefined, undefined],
    [false, { files: false, origin: '~/.config/sallyport/config.json: sshConfig' }],
    ['none', { files: false }],
    ['default', { files: 'default' }],
  ])('sshConfig: %j', async (sshConfig, choice) => {
    const at = machine()
    at.writeUser({ sshConfig })
    const [own] = await at.load()
    if (choice === undefined) expect(own?.sshConfig).toBeUndefined()
    else expect(own?.sshConfig).toMatchObject(choice)
  })

  it('names of ssh_config files are relative to the file that names them', async () => {
    const at = machine()
    at.writeUser({ sshConfig: ['one', '~/two', '/three'] })
    const [own] = await at.load()
    expect(own?.sshConfig?.files).toEqual([`${at.home}/.config/sallyport/one`, `${at.home}/two`, '/three'])
  })

  it('groups are lists of hosts, and hosts with a name of their own are told', async () => {
    const [own] = await load({ groups: { web: ['w1', 'w2'] }, hosts: { a: {}, '*.b': {}, 'c d': {} } })
    expect(own?.groups).toEqual(new Map([['web', ['w1', 'w2']]]))
    expect(own?.hostNames).toEqual(['a'])
  })
})

it('the caller’s object is never changed, and not asked again', async () => {
  const identityFile = ['k']
  const config = Object.freeze({ identityFile, hosts: Object.freeze({ h: Object.freeze({ port: 2 }) }) })
  const configs = await load(config)
  identityFile.push('later')
  expect(valuesFor(configs, 'h')).toEqual({ identityFile: ['k'], port: 2 })
  const [own] = configs
  expect(Object.isFrozen(own?.forHost('h').layer.values)).toBe(true)
})
