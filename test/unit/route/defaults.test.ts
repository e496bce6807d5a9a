import { expect, it } from 'vitest'
import { Connection } from '../../../src/connection.js'
import { ConfigError } from '../../../src/errors.js'
import { chainOf } from '../../../src/hops/chain.js'
import { resolve } from '../../../src/resolve.js'
import { checkRequest } from '../../../src/route/request.js'

const ask = async (): Promise<undefined> => undefined
const defaults = { ask, strictHostKeyChecking: 'ask' } as const

it("the program's defaults concern every hop of the route, gateways too", async () => {
  const { hops } = await resolve('c', { proxyJump: 'a,b', defaults })
  expect(hops.map(({ host }) => host)).toEqual(['a', 'b', 'c'])
  for (const { settings, origins } of hops) {
    expect(settings).toMatchObject({ ask, strictHostKeyChecking: 'ask' })
    expect(origins.ask.from).toBe('default of the program')
    expect(origins.user.from).toBe('default')
  }
})

it('an option of the host beats them there, and on no other hop', async () => {
  const options = { proxyJump: 'a', strictHostKeyChecking: 'no', defaults } as const
  const [gateway, target] = (await resolve('b', options)).hops
  expect(gateway?.settings.strictHostKeyChecking).toBe('ask')
  expect(target?.settings.strictHostKeyChecking).toBe('no')
  expect(target?.origins.strictHostKeyChecking).toMatchObject({
    from: 'option strictHostKeyChecking',
    beat: ['default of the program'],
  })
})

it('a gateway that was passed in keeps its own', async () => {
  const gateway = new Connection('a')
  const [first] = (await resolve('b', { gateway, defaults })).hops
  expect(first?.settings).toMatchObject({ ask: undefined, strictHostKeyChecking: 'yes' })
})

it('an undefined default is none', async () => {
  const { hops } = await resolve('a', { defaults: { strictHostKeyChecking: undefined } })
  expect(hops[0]?.origins.strictHostKeyChecking.from).toBe('default')
})

it.each([
  { password: 'secret' },
  { passphrase: 'secret' },
  { keyboardInteractive: () => [] },
  { identityFile: ['/k'] },
  { user: 'u' },
  { port: 1 },
  { hostName: 'h' },
  { hostKeyAlias: 'h' },
  { hostKeyFingerprints: [`SHA256:${'x'.repeat(43)}`] },
  { forwardAgent: true },
])('secrets and settings of one host are no defaults: %o', (refused) => {
  const [name] = Object.keys(refused)
  const attempt = () => checkRequest('a', { defaults: refused })
  expect(attempt).toThrow(ConfigError)
  expect(attempt).toThrow(`option defaults.${name}: belongs to one host`)
  expect(attempt).not.toThrow(/secret/)
})

it('defaults are checked like options', async () => {
  expect(() => checkRequest('a', { defaults: { serverAliveCountMax: -1 } })).toThrow(
    'option defaults.serverAliveCountMax: must be',
  )
  expect(() => checkRequest('a', { defaults: { asks: ask } as object })).toThrow('there is no option "asks"')
})

it('messages and origins name options as the program says', async () => {
  const originOf = (name: string): string => ({ port: '-p', proxyJump: '-J' })[name] ?? name
  expect((await resolve('a', { port: 1, originOf })).hops[0]?.origins.port.from).toBe('-p')
  expect(() => checkRequest('a', { proxyJump: 'b,,c', originOf })).toThrow(/^-J: /)
})

it('routes share a gateway that configuration made only where the same function would be asked', async () => {
  const gatewayFor = async (ask: () => Promise<undefined>) =>
    chainOf(await resolve('b', { proxyJump: 'a', defaults: { ask } }), undefined).gateway
  const [first, same, other] = [
    await gatewayFor(ask),
    await gatewayFor(ask),
    await gatewayFor(async () => undefined),
  ]
  expect(first).toBeDefined()
  expect(same).toBe(first)
  expect(other).not.toBe(first)
})
