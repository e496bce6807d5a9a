import { expect, it } from 'vitest'
import type { Configuration } from '../../../src/config/host-answer.js'
import type { Layer } from '../../../src/config/merge.js'
import type { Settings } from '../../../src/config/settings.js'
import { checkRequest, type RouteOptions } from '../../../src/route/request.js'
import { resolveRoute } from '../../../src/route/resolve.js'

const layer = (source: Layer['source'], values: Partial<Settings>, untrusted?: boolean): Layer => ({
  source,
  values,
  originOf: (name) => `${source}: ${name}`,
  ...(untrusted === undefined ? {} : { untrusted }),
})

async function resolveBy(layers: readonly Layer[], options: RouteOptions = {}) {
  const configuration: Configuration = {
    lookUp: async () => ({ layers, gateways: [], warnings: [], unused: [] }),
  }
  const { route } = await resolveRoute(checkRequest('prod', options), configuration)
  return route.hops[0]
}

const redirecting = layer('project', { hostName: 'elsewhere' }, true)

it.each<[string, readonly Layer[], RouteOptions]>([
  ['a password of the user’s file', [redirecting, layer('user', { password: 'x' })], {}],
  ['a password of the program', [redirecting], { password: 'x' }],
  ['answers of the program', [redirecting], { keyboardInteractive: () => [] }],
  ['an agent to lend', [redirecting], { forwardAgent: true }],
  ['a port for it', [layer('project', { port: 2222 }, true), layer('user', { password: 'x' })], {}],
])('a file that is not trusted does not decide where a secret goes: %s', async (_, layers, options) => {
  await expect(resolveBy(layers, options)).rejects.toMatchObject({
    code: 'EXEC_DENIED',
    origin: expect.stringMatching(/^project: (hostName|port)$/),
    message: expect.not.stringContaining('"x"'),
  })
})

it.each<[string, readonly Layer[], RouteOptions]>([
  ['nothing is secret', [redirecting], { passphrase: 'stays here' }],
  ['the secret is its own', [layer('project', { hostName: 'elsewhere', password: 'x' }, true)], {}],
  ['it is trusted', [layer('project', { hostName: 'elsewhere' }), layer('user', { password: 'x' })], {}],
])('but may say where a host is when %s', async (_, layers, options) => {
  expect((await resolveBy(layers, options))?.hostName).toBe('elsewhere')
})

it('and does not matter where another source decides', async () => {
  const layers = [layer('ssh_config', { hostName: 'right' }), redirecting, layer('user', { password: 'x' })]
  expect((await resolveBy(layers))?.hostName).toBe('right')
})
