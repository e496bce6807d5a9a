import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configErrorOf, machine, valuesFor } from './rig.js'

const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guide/configuration.md'), 'utf8')
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'm').exec(guide)?.[1] ?? ''

describe('the guide', () => {
  it('shows a project file that needs no trust, and says what the guide says', async () => {
    const at = machine()
    at.write('project/sallyport.config.yaml', block('yaml'))
    const configs = await at.load()
    expect(valuesFor(configs, 'db.internal')).toEqual({ user: 'deploy', port: 2200, connectTimeoutMs: 5000 })
    const gatewayOf = (host: string) => configs[0]?.forHost(host).gateway
    expect(gatewayOf('db.internal')).toMatchObject({ kind: 'jump', text: 'ops@bastion.example.com' })
    expect(gatewayOf('web1.internal')).toMatchObject({ text: 'bastion.example.com,gw.internal' })
    expect(gatewayOf('gw.internal')).toBeUndefined()
  })

  it('shows variables that are known', async () => {
    const lines = [...block('ini').matchAll(/^(\w+)=(\S+)/gm)].map(([, name = '', text]) => [name, text])
    const configs = await machine().load({ env: Object.fromEntries(lines) })
    expect(valuesFor(configs, 'db-internal')).toEqual({
      connectTimeoutMs: 5000,
      strictHostKeyChecking: 'accept-new',
      port: 2200,
    })
  })

  it('shows the message of an unknown key as it is', async () => {
    const at = machine()
    at.write('project/sallyport.config.yaml', 'hosts: { db: { prot: 1 } }')
    expect(block('text')).toBe(`${(await configErrorOf(at.load())).message}\n`)
  })

  it('names every setting that a project file needs trust for in a way that holds', async () => {
    const named = [
      'remoteCommand',
      'hostKeyAlias',
      'sshConfig',
      'hostKeyFingerprints',
      'userKnownHostsFile',
      'revokedHostKeys',
      'proxyCommand',
    ]
    for (const name of named) {
      expect(guide).toContain(`\`${name}\``)
      const value = name === 'hostKeyFingerprints' ? 'SHA256:'.padEnd(50, 'a') : 'word'
      const at = machine()
      at.writeProject(name === 'sshConfig' ? { sshConfig: value } : { hosts: { db: { [name]: value } } })
      expect((await configErrorOf(at.load())).code).toBe('EXEC_DENIED')
    }
  })
})
