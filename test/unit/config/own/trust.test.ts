import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SallyportConfig } from '../../../../src/config/own/define-config.js'
import type { OwnConfigOptions } from '../../../../src/config/own/load.js'
import type { SettingName } from '../../../../src/config/settings.js'
import { configErrorOf, machine, valuesFor } from './rig.js'

const pin = 'SHA256:'.padEnd(50, 'a')

/** What needs trust, with the path of its key. */
const powers: readonly [SallyportConfig, string][] = [
  [{ gateway: 'nc %h %p' }, 'gateway'],
  [{ hosts: { db: { gateway: 'nc %h %p' } } }, 'hosts.db.gateway'],
  [{ proxyCommand: 'nc %h %p' }, 'proxyCommand'],
  [{ sshConfig: 'ssh_config' }, 'sshConfig'],
  [{ sshConfig: ['/etc/x'] }, 'sshConfig'],
  [{ sshConfig: false }, 'sshConfig'],
  [{ sshConfig: 'default' }, 'sshConfig'],
  [{ hosts: { db: { hostKeyAlias: 'git.example.com' } } }, 'hosts.db.hostKeyAlias'],
  [{ hosts: { db: { forwardAgent: true } } }, 'hosts.db.forwardAgent'],
  [{ identityAgent: '/tmp/agent' }, 'identityAgent'],
  [{ strictHostKeyChecking: 'accept-new' }, 'strictHostKeyChecking'],
  [{ hosts: { db: { strictHostKeyChecking: 'no' } } }, 'hosts.db.strictHostKeyChecking'],
  [{ userKnownHostsFile: ['kh'] }, 'userKnownHostsFile'],
  [{ globalKnownHostsFile: ['kh'] }, 'globalKnownHostsFile'],
  [{ revokedHostKeys: 'kh' }, 'revokedHostKeys'],
  [{ hosts: { db: { hostKeyFingerprints: [pin] } } }, 'hosts.db.hostKeyFingerprints'],
  [{ noHostAuthenticationForLocalhost: true }, 'noHostAuthenticationForLocalhost'],
  [{ requireStrictKex: false }, 'requireStrictKex'],
  [{ ciphers: ['3des-cbc'] }, 'ciphers'],
  [{ sendEnv: ['*'] }, 'sendEnv'],
  [{ hosts: { db: { remoteCommand: 'id' } } }, 'hosts.db.remoteCommand'],
]

describe('a project file that nobody trusted', () => {
  it.each(powers)('cannot say %j', async (config, key) => {
    const at = machine()
    at.writeProject(config)
    const found = await configErrorOf(at.load())
    expect(found).toMatchObject({
      code: 'EXEC_DENIED',
      origin: `sallyport.config.json: ${key}`,
      message: expect.stringMatching(/: a file that is not trusted cannot /),
      hint: expect.stringMatching(/allowExec.*SALLYPORT_ALLOW_EXEC=yes.*config: false/),
    })
    expect(found.problems.map(({ origin }) => origin)).toEqual([`sallyport.config.json: ${key}`])
    // Neither does it help to name it: a name is no trust in what a file of data says.
    expect((await configErrorOf(at.load({ config: 'sallyport.config.json' }))).code).toBe('EXEC_DENIED')
    const env = { SALLYPORT_CONFIG: 'sallyport.config.json' }
    expect((await configErrorOf(at.load({ env }))).code).toBe('EXEC_DENIED')
  })

  it.each(powers)('once it is trusted it can say %j', async (config) => {
    const at = machine()
    at.writeProject(config)
    expect(await at.load({ allowExec: true })).toHaveLength(1)
  })

  it('can say where hosts are, who logs in, and what makes checks stricter', async () => {
    const at = machine()
    const db: Partial<Record<SettingName, unknown>> = {
      hostName: '10.0.0.1',
      user: 'u',
      port: 22,
      identityFile: ['k'],
      forwardAgent: false,
      strictHostKeyChecking: 'yes',
      requireStrictKex: true,
    }
    at.writeProject({ hosts: { db: { ...db, proxyJump: 'gw' } } })
    const [own] = await at.load()
    expect(valuesFor(await at.load(), 'db')).toEqual(db)
    expect(own?.forHost('db').gateway).toMatchObject({ kind: 'jump', text: 'gw' })
  })

  it('is known by its layer, so that what it says takes no secret of others elsewhere', async () => {
    const at = machine()
    at.writeUser({ port: 1 })
    at.writeProject({ hosts: { db: { hostName: '10.0.0.1' } } })
    const untrusted = async (options: OwnConfigOptions = {}) =>
      (await at.load(options)).map((config) => config.forHost('db').layer.untrusted)
    const env = { SALLYPORT_PORT: '1' }
    expect(await untrusted({ env })).toEqual([false, true, false])
    expect(await untrusted({ config: 'sallyport.config.json' })).toEqual([true, false])
    expect(await untrusted({ allowExec: true })).toEqual([false, false])
    expect(await untrusted({ config: { port: 2 } })).toEqual([false, false])
  })

  it('cannot trust itself', async () => {
    const at = machine()
    for (const allowExec of [true, false, [at.project]]) {
      at.writeProject({ allowExec, gateway: 'nc' })
      expect(await configErrorOf(at.load())).toMatchObject({
        code: 'CONFIG_INVALID',
        origin: 'sallyport.config.json: allowExec',
      })
    }
  })
})

describe('a project file that is a program', () => {
  const marker = `wasRunByTrustTest`
  const text = `globalThis.${marker} = true\nexport default { gateway: 'nc %h %p' }\n`

  it.each(['sallyport.config.ts', 'sallyport.config.js', 'sallyport.config.mjs'])(
    '%s is not run when it is only found, and is when it is named or trusted',
    async (name) => {
      const at = machine()
      at.write(`project/${name}`, text)
      expect(await configErrorOf(at.load())).toMatchObject({
        code: 'EXEC_DENIED',
        origin: name,
        message: `${name}: is a program, and would be run although nobody said that it is trusted`,
        hint: expect.stringContaining('allowExec'),
      })
      expect(globalThis).not.toHaveProperty(marker)
      expect(await at.load({ config: name })).toHaveLength(1)
      expect(globalThis).toHaveProperty(marker)
      Reflect.deleteProperty(globalThis, marker)
      expect(await at.load({ env: { SALLYPORT_CONFIG: name } })).toHaveLength(1)
      expect(await at.load({ allowExec: true })).toHaveLength(1)
      Reflect.deleteProperty(globalThis, marker)
    },
  )
})

describe('trust comes from', () => {
  const trusting = () => {
    const at = machine()
    at.writeProject({ gateway: 'nc %h %p' })
    return at
  }

  it.each(['yes', 'true'])('SALLYPORT_ALLOW_EXEC=%s', async (text) => {
    expect(await trusting().load({ env: { SALLYPORT_ALLOW_EXEC: text } })).toHaveLength(1)
  })

  it.each(['writeUser', 'writeSystem'] as const)(
    '%s, for all projects or those in a directory',
    async (write) => {
      const at = trusting()
      at[write]({ allowExec: true })
      expect(await at.load()).toHaveLength(2)
      at[write]({ allowExec: ['~/project'] })
      expect(await at.load()).toHaveLength(2)
      at[write]({ allowExec: [at.home] })
      expect(await at.load()).toHaveLength(2)
      at[write]({ allowExec: ['~/proj', '~/project/sub', '/nowhere'] })
      expect((await configErrorOf(at.load())).code).toBe('EXEC_DENIED')
    },
  )

  it('a directory by any of its names', async () => {
    const at = trusting()
    symlinkSync(at.project, join(at.home, 'link'))
    at.writeUser({ allowExec: ['~/link'] })
    expect(await at.load()).toHaveLength(2)
    // A link in a trusted directory that leads out of it is no way around.
    mkdirSync(join(at.home, 'safe'))
    symlinkSync(at.project, join(at.home, 'safe/link'))
    at.writeUser({ allowExec: ['~/safe'] })
    expect((await configErrorOf(at.load({ cwd: join(at.home, 'safe/link') }))).code).toBe('EXEC_DENIED')
  })

  it('the first who says anything: the program, the environment, the user, the system', async () => {
    const at = trusting()
    at.writeSystem({ allowExec: true })
    at.writeUser({ allowExec: false })
    expect((await configErrorOf(at.load())).code).toBe('EXEC_DENIED')
    const env = { SALLYPORT_ALLOW_EXEC: 'yes' }
    expect(await at.load({ env })).toHaveLength(3)
    expect((await configErrorOf(at.load({ env, allowExec: false }))).code).toBe('EXEC_DENIED')
  })

  it('nowhere that is relative', async () => {
    const at = trusting()
    at.writeUser({ allowExec: ['project'] })
    expect(await configErrorOf(at.load())).toMatchObject({
      code: 'CONFIG_INVALID',
      message: '~/.config/sallyport/config.json: allowExec: must have absolute names of directories',
    })
  })
})

it('the files of the user and of the system, the environment and an object of the program are trusted', async () => {
  const power: SallyportConfig = { gateway: 'nc %h %p', sshConfig: ['/x'], identityAgent: '/tmp/agent' }
  const at = machine()
  at.writeUser(power)
  at.writeSystem(power)
  const env = {
    SALLYPORT_GATEWAY: 'nc %h %p',
    SALLYPORT_SSH_CONFIG: '/x',
    SALLYPORT_IDENTITY_AGENT: '/tmp/a',
  }
  const configs = await at.load({ config: power, env })
  expect(configs.map((config) => config.forHost('h').gateway?.kind)).toEqual(Array(4).fill('command'))
})
