// One configuration with a secret in every place and of every spelling that is known, and everything that shows a route.

import { execFileSync } from 'node:child_process'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  explainHops,
  explainRoute,
  graphOf,
  mapToHtml,
  mapToJson,
  mapToMermaid,
  mapToSvg,
  parseSshConfig,
  type Route,
  resolve,
  routeDocument,
  sshCommand,
} from '../../../src/index.js'
import { assertNoCanary, canary } from '../../support/canary.js'

const secret = canary()

/** `CANARY` is for the secret. */
const spellings = [
  `ncat --proxy-auth user:CANARY %h %p`,
  `ncat --proxy-auth=user:CANARY %h %p`,
  `curl --proxy http://user:CANARY@proxy %h`,
  `AWS_SECRET_ACCESS_KEY=CANARY aws ssm %h`,
  `SSHPASS="CANARY CANARY" sshpass -e ssh %h`,
  `sshpass -p 'CANARY' ssh -W %h:%p gw`,
  `plink -pw CANARY %h`,
  `x --pass=CANARY --passphrase CANARY --api-key "CANARY" %h`,
  `x -H "Authorization: Bearer CANARY" -H 'X-Api-Key: CANARY' %h`,
  `x Authorization: Basic CANARY %h`,
  `sh -c "x --token 'CANARY CANARY'" %h`,
]

const shows: readonly (readonly [string, (route: Route) => string])[] = [
  ['JSON', (route) => JSON.stringify(route)],
  ['inspect', (route) => inspect(route, { depth: 12, maxStringLength: null })],
  ['inspect that asks nobody', (route) => inspect(route, { depth: 12, customInspect: false })],
  ['explainRoute', explainRoute],
  ['explainHops', (route) => JSON.stringify(explainHops(route))],
  ['routeDocument', (route) => JSON.stringify(routeDocument(route))],
  ['sshCommand', (route) => JSON.stringify(sshCommand(route))],
  ...[mapToJson, mapToHtml, mapToSvg, mapToMermaid].map(
    (format) => [format.name, (route: Route) => format(graphOf([{ host: 'db', route }]))] as const,
  ),
]

/** `db` behind `gw`, each with all that can have a secret. */
async function routeBy(command: string): Promise<Route> {
  const said = `SetEnv API_TOKEN=${secret} LANG=C\nRemoteCommand ${command}\nLocalCommand ${command}\n`
  const sshConfig = parseSshConfig(`${said}Host gw\nProxyCommand ${command}\n`, { exec: 'allow' })
  return resolve('db', { config: false, sshConfig, password: secret, passphrase: secret, proxyJump: 'gw' })
}

describe.each(shows)('%s shows no secret', (_, show) => {
  test.each(spellings)('of %s', async (spelling) => {
    const command = spelling.replaceAll('CANARY', secret)
    const route = await routeBy(command)
    const [gateway, target] = route.hops
    expect(gateway?.link).toMatchObject({ kind: 'command', text: command })
    expect(target?.settings.setEnv['API_TOKEN']).toBe(secret)
    expect(target?.settings.remoteCommand).toContain(secret)
    expect(target?.unused.find(({ keyword }) => keyword === 'LocalCommand')?.words).toEqual([command])
    assertNoCanary(show(route))
  })
})

test.each([
  ['text', (text: string) => text],
  ['list', (text: string) => text.split(' ')],
] as const)(
  'a command as %s with a secret is still a line for sh and for ssh, and what is missing is told',
  async (_, form) => {
    for (const spelling of [
      'sshpass -p hunter2 ssh -W %h:%p gw',
      'x --password=hunter2 %h',
      'x --token $hunter2 %h',
    ]) {
      const gateway = { command: form(spelling) }
      const { text, remarks } = sshCommand(await resolve('db', { config: false, sshConfig: false, gateway }))
      expect(text).not.toContain('hunter2')
      expect(remarks).toEqual([expect.stringContaining('is not shown')])
      const judged = execFileSync('sh', ['-c', text.replace('ssh ', 'ssh -G ')], { encoding: 'utf8' })
      const [, proxy = ''] = /^proxycommand (.*)$/m.exec(judged) ?? []
      expect(proxy).toContain('[secret]')
      expect(() => execFileSync('sh', ['-n'], { input: proxy })).not.toThrow()
    }
  },
)
