// What is shown of a route: the settings of each hop with their origins, as text and as data, without secrets.

import { describe, expect, test } from 'vitest'
import type { HostAnswer } from '../../../src/config/host-answer.js'
import type { Layer } from '../../../src/config/merge.js'
import { explainHops } from '../../../src/route/explain-hops.js'
import { checkRequest, type RouteOptions } from '../../../src/route/request.js'
import { resolveRoute } from '../../../src/route/resolve.js'
import type { Route } from '../../../src/route/route.js'
import { routeDocument } from '../../../src/route/route-document.js'
import { canary } from '../../support/canary.js'

/** The route to `db` when the sources answer this for it, and nothing for any other host. */
async function routeToDb(options: RouteOptions, answer: Partial<HostAnswer> = {}): Promise<Route> {
  const nothing: HostAnswer = { layers: [], gateways: [], warnings: [], unused: [] }
  const lookUp = async ({ host }: { readonly host: string }): Promise<HostAnswer> =>
    host === 'db' ? { ...nothing, ...answer } : nothing
  const { route } = await resolveRoute(checkRequest('db', options), { lookUp })
  return route
}

function layer(source: Layer['source'], values: Layer['values'], file: string): Layer {
  return { source, values, originOf: (name) => `${file}: ${name}` }
}

const configured: Partial<HostAnswer> = {
  layers: [
    layer('ssh_config', { user: 'ops', port: 2200, identityFile: ['~/.ssh/a'] }, '~/.ssh/config'),
    layer('user', { user: 'root', connectTimeoutMs: 5000, identityFile: ['~/.ssh/b'] }, 'own.yaml'),
  ],
  gateways: [
    { kind: 'jump', text: 'gw', source: 'ssh_config', origin: '~/.ssh/config:9' },
    { kind: 'direct', source: 'user', origin: 'own.yaml: gateway' },
  ],
  unused: [{ keyword: 'VisualHostKey', words: ['yes'], origin: '~/.ssh/config:12' }],
  warnings: ['something to know'],
}

describe('as text', () => {
  test('every hop has its line in the route, and every given setting its value, its origin and what it beats', async () => {
    const [gateway, db] = explainHops(await routeToDb({ port: 22 }, configured))
    expect(gateway?.heading).toMatch(/^1 {2}.*@gw:22 +directly$/)
    expect(gateway?.lines).toEqual([])
    expect(db?.heading).toMatch(/^2 {2}ops@db:22 +through gw$/)
    expect(db?.lines.map((line) => line.replace(/ +/g, ' ').trim())).toEqual([
      'gateway gw ~/.ssh/config:9; beats own.yaml: gateway',
      'user ops ~/.ssh/config: user; beats own.yaml: user',
      'port 22 option port; beats ~/.ssh/config: port',
      'connectTimeoutMs 5000 own.yaml: connectTimeoutMs',
      'identityFile ~/.ssh/a, ~/.ssh/b ~/.ssh/config: identityFile, own.yaml: identityFile',
      'without effect: VisualHostKey yes (~/.ssh/config:12)',
    ])
  })

  test('origins stand below each other, also where one value is long', async () => {
    const layers = [
      layer(
        'user',
        { user: 'ops', ciphers: ['aes128-ctr', 'aes192-ctr', 'aes256-ctr', 'x'.repeat(40)] },
        'f',
      ),
    ]
    const [db] = explainHops(await routeToDb({ port: 1234 }, { layers }))
    const columns = db?.lines.map((line) => line.search(/(?:option port|f: \w+)$/))
    expect(columns?.slice(0, 2)).toEqual([columns?.[0], columns?.[0]])
    expect(columns?.[2]).toBeGreaterThan(columns?.[0] ?? 0)
  })

  test('what asks a person is told only where it was given to this very host', async () => {
    const ask = async (): Promise<undefined> => undefined
    const ofProgram = explainHops(await routeToDb({ defaults: { ask } }))
    expect(ofProgram[0]?.lines).toEqual([])
    expect(explainHops(await routeToDb({ ask }))[0]?.lines).toEqual(['   ask  [function]  option ask'])
  })

  test('foreign text cannot pass for a line or a colour', async () => {
    const layers = [layer('ssh_config', { hostKeyAlias: 'a\u001b[31m\nb' }, 'f\u001b]0;x\u0007')]
    const lines = explainHops(await routeToDb({}, { layers })).flatMap((hop) => [hop.heading, ...hop.lines])
    expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/)
  })
})

describe('as data', () => {
  test('has all settings with a value, the origin of each, the links, the warnings and what has no effect', async () => {
    const { version, hops, warnings } = routeDocument(await routeToDb({ port: 22 }, configured))
    expect({ version, warnings }).toEqual({ version: 1, warnings: ['something to know'] })
    expect(hops.map(({ host, hostName, link }) => [host, hostName, link.kind])).toEqual([
      ['gw', 'gw', 'tcp'],
      ['db', 'db', 'channel'],
    ])
    const db = hops[1]
    expect(db?.link.origin).toEqual({ from: '~/.ssh/config:9', beat: ['own.yaml: gateway'] })
    expect(db?.settings).toMatchObject({ user: 'ops', port: 22, strictHostKeyChecking: 'yes' })
    expect(Object.keys(db?.origins ?? {})).toEqual(Object.keys(db?.settings ?? {}))
    expect(db?.origins['user']).toEqual({ from: '~/.ssh/config: user', beat: ['own.yaml: user'] })
    expect(db?.origins['strictHostKeyChecking']).toEqual({ from: 'default', beat: [] })
    expect(db?.unused).toEqual([{ keyword: 'VisualHostKey', value: 'yes', origin: '~/.ssh/config:12' }])
  })

  test('survives JSON as it is', async () => {
    const document = routeDocument(await routeToDb({ setEnv: { A: 'b' } }, configured))
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })
})

test('neither form shows a secret', async () => {
  const secret = canary()
  const route = await routeToDb(
    {
      password: secret,
      passphrase: secret,
      keyboardInteractive: async () => [secret],
      setEnv: { API_TOKEN: secret, DB_PASSWORD: secret, LANG: 'C' },
      remoteCommand: `login --password ${secret}`,
      gateway: `proxy --token=${secret} %h %p`,
    },
    { unused: [{ keyword: 'LocalCommand', words: ['log', '--password', secret], origin: 'f:1' }] },
  )
  const shown = JSON.stringify([explainHops(route), routeDocument(route)])
  expect(shown).not.toContain(secret)
  expect(shown).toContain('password')
  expect(shown).toContain('LANG=C')
})
