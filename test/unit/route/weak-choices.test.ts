import { expect, it } from 'vitest'
import { checkRequest, type RouteOptions } from '../../../src/route/request.js'
import { resolveRoute } from '../../../src/route/resolve.js'

const silent = { lookUp: async () => ({ layers: [], gateways: [], warnings: [], unused: [] }) }
const resolveWith = (options: RouteOptions) => resolveRoute(checkRequest('db', options), silent)

it.each<[RouteOptions, RegExp]>([
  [{ strictHostKeyChecking: 'no' }, /^db: any host key is accepted \(option strictHostKeyChecking\)$/],
  [
    { noHostAuthenticationForLocalhost: true },
    /^db: any host key is accepted from an address of the loopback/,
  ],
])('that a host key is not verified is told wherever the route is used: %o', async (options, told) => {
  const { route, remarks } = await resolveWith(options)
  expect(remarks).toEqual([expect.stringMatching(told)])
  expect(route.warnings).toEqual(remarks)
})

it.each<[RouteOptions, RegExp]>([
  [{ strictHostKeyChecking: 'accept-new' }, /^db: an unknown host key is accepted at the first/],
  [{ forwardAgent: true }, /^db: whoever rules this host can use your agent/],
  [
    { ciphers: ['aes256-cbc', 'aes128-ctr'] },
    /^db: weak algorithms are allowed: aes256-cbc \(option ciphers\)$/,
  ],
  [{ kexAlgorithms: ['diffie-hellman-group1-sha1'] }, /weak algorithms/],
  [{ hostKeyAlgorithms: ['ssh-rsa'] }, /weak algorithms are allowed: ssh-rsa/],
])('another weak choice is told to those who look: %o', async (options, told) => {
  const { route, remarks } = await resolveWith(options)
  expect(route.warnings).toEqual([expect.stringMatching(told)])
  expect(remarks).toEqual([])
})

it.each<RouteOptions>([{}, { macs: ['hmac-sha2-256', 'hmac-sha1', 'umac-64@openssh.com'] }])(
  'what ssh offers by itself is no weak choice: %o',
  async (options) => {
    expect((await resolveWith(options)).route.warnings).toEqual([])
  },
)
