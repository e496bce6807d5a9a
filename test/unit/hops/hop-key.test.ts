import { expect, test } from 'vitest'
import type { Settings } from '../../../src/config/settings.js'
import { chainOf } from '../../../src/hops/chain.js'
import { hopKey } from '../../../src/hops/hop-key.js'
import { commandLink } from '../../../src/route/command-link.js'
import { proxySpec } from '../../../src/route/proxy-spec.js'
import { remoteCommandLink } from '../../../src/route/remote-command.js'
import type { Hop, Route } from '../../../src/route/route.js'
import { assertNoCanary, canary } from '../../support/canary.js'
import { sampleHop } from './sample-hop.js'

const keyOf = (settings: Partial<Settings> = {}, gateway = 0): string => hopKey(sampleHop(settings), gateway)
const asker = async (): Promise<string | undefined> => undefined

test('the same hop has the same key, wherever its settings are from', () => {
  expect(keyOf({ port: 2200, password: 'a', ask: asker })).toBe(
    keyOf({ port: 2200, password: 'a', ask: asker }),
  )
  expect(hopKey(sampleHop({ port: 1 }, { source: 'user' }), 0)).toBe(keyOf({ port: 1 }))
})

test.each<[string, Partial<Settings>, Partial<Settings>]>([
  ['in a setting', { identitiesOnly: true }, { identitiesOnly: false }],
  ['in a password', { password: 'a' }, { password: 'b' }],
  ['in having a password', { password: 'a' }, {}],
  ['in a passphrase', { passphrase: 'a' }, { passphrase: 'b' }],
  ['in which secret it is', { passphrase: 'a' }, { password: 'a' }],
  ['in a secret variable', { setEnv: { API_TOKEN: 'a' } }, { setEnv: { API_TOKEN: 'b' } }],
  ['in a secret of their command', { remoteCommand: 'x --token a' }, { remoteCommand: 'x --token b' }],
  ['in a function for a password', { password: () => 'a' }, { password: () => 'a' }],
  ['in a function that answers', { keyboardInteractive: () => [] }, { keyboardInteractive: () => [] }],
  ['in whom they ask', { ask: async () => 'a' }, { ask: async () => 'a' }],
])('hops that differ only %s have different keys', (_what, one, other) => {
  expect(keyOf(one)).not.toBe(keyOf(other))
})

test('hops that differ only in a secret of their command have different keys, in which it does not show', () => {
  const keyBy = (token: string) => {
    const text = `proxy --token=${token} bastion`
    return hopKey(sampleHop({}, { link: commandLink({ shell: text }, text) }), 0)
  }
  const secret = canary()
  expect(keyBy(secret)).toBe(keyBy(secret))
  expect(keyBy(secret)).not.toBe(keyBy('another'))
  assertNoCanary(keyBy(secret))
})

test('hops that differ only in the login of a proxy, or in a command on a gateway, have different keys', () => {
  const keyBy = (link: Hop['link']) => hopKey(sampleHop({}, { link }), 0)
  const byProxy = (password: string) => {
    const credentials = { user: 'mole', password }
    const spec = { protocol: 'socks5', host: 'proxy', port: 1080, credentials, tls: undefined } as const
    return keyBy({ kind: 'proxy', proxies: [proxySpec(spec)] })
  }
  const secret = canary()
  expect(byProxy(secret)).toBe(byProxy(secret))
  expect(byProxy(secret)).not.toBe(byProxy('another'))
  assertNoCanary(byProxy(secret))
  const values = { hostName: 'db', host: 'db', port: 22, user: 'ops', hostKeyAlias: undefined }
  const byCommand = (command: string) =>
    keyBy(remoteCommandLink({ command, when: 'always' }, values, 'option gateway'))
  expect(byCommand('nc %h --token a')).not.toBe(byCommand('nc %h --token b'))
})

test('the same hop behind another gateway has another key', () => {
  expect(keyOf({}, 1)).not.toBe(keyOf({}, 2))
})

test('nothing can be read from a key', () => {
  const secret = canary()
  const key = keyOf({ password: secret })
  assertNoCanary(key)
  expect(key).toMatch(/^[A-Za-z0-9+/]{43}=$/)
})

test('a gateway of configuration is shared by routes that agree in its secrets, and by no others', () => {
  const gatewayOf = (password: string) => {
    const target = sampleHop({}, { link: { kind: 'channel' } })
    const route: Route = { hops: [sampleHop({ password }), target], warnings: [] }
    return chainOf(route, undefined).gateway
  }
  const first = gatewayOf('a')
  expect(first).toBeDefined()
  expect(gatewayOf('a')).toBe(first)
  expect(gatewayOf('b')).not.toBe(first)
})
