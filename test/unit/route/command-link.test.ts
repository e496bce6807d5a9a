import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { resolve } from '../../../src/resolve.js'
import { explainRoute } from '../../../src/route/explain.js'

describe('a secret in a ProxyCommand', () => {
  it.each<string | readonly string[]>([
    'sshpass -p s3cret ssh -W %h:%p gw',
    'sshpass -ps3cret ssh -W %h:%p gw',
    'sshpass -v -p "s3cret s3cret" ssh -W %h:%p gw',
    "/usr/bin/sshpass -p 's3cret s3cret' ssh -W %h:%p gw",
    'connect --password=s3cret %h %p',
    "connect --token 's3cret s3cret' %h %p",
    ['sshpass', '-p', 's3cret s3cret"s3cret', 'ssh', '-W', '%h:%p', 'gw'],
    ['connect', '--password', '$(s3cret', '%h'],
    ['connect', '--password', 's3cret\\', '%h'],
    ['connect', '--password', 's3cret;s3cret', '%h'],
  ])('of %j is not shown where the route is printed', async (command) => {
    const route = await resolve('db', { gateway: { command } })
    for (const shown of [JSON.stringify(route), inspect(route, { depth: 9 }), explainRoute(route)]) {
      expect(shown).toContain('[secret]')
      expect(shown).not.toContain('s3cret')
      expect(shown).toContain('%h')
    }
  })

  it('is not suspected in a port', async () => {
    const route = await resolve('db', { gateway: 'ssh -p 2222 -W %h:%p gw' })
    expect(JSON.stringify(route)).toContain('ssh -p 2222')
  })
})
