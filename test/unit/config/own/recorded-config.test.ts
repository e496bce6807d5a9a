import { describe, expect, it } from 'vitest'
import type { SallyportConfig } from '../../../../src/config/own/define-config.js'
import { recordConfig } from '../../../../src/config/own/recorded-config.js'
import { configErrorOf, machine, valuesFor } from './rig.js'

describe('an object of a program', () => {
  it('is recorded when it is given: no later change counts', async () => {
    const hosts: Record<string, Record<string, unknown>> = { db: { user: 'me', identityFile: ['a'] } }
    const record = recordConfig({ hosts } as SallyportConfig)
    Object.assign(hosts['db'] ?? {}, { user: 'mallory' })
    hosts['gw'] = { port: 1 }
    const at = machine()
    expect(valuesFor(await at.load({ config: record }), 'db')).toEqual({ user: 'me', identityFile: ['a'] })
    expect(valuesFor(await at.load({ config: record }), 'gw')).toEqual({})
  })

  it('is checked once for all who are given it, and again when it says something else', async () => {
    const config = { port: 1, hosts: { db: { identityFile: ['a', 'b'] } }, user: undefined }
    const first = recordConfig(config)
    expect(recordConfig(config)).toBe(first)
    expect(recordConfig({ ...config })).toBe(first)
    expect(first.checked()).toBe(first.checked())
    const changes: (() => void)[] = [
      () => config.hosts.db.identityFile.push('c'),
      () => Object.assign(config, { user: 'u' }),
      () => Object.assign(config.hosts, { gw: { port: 2 } }),
      () => Reflect.deleteProperty(config, 'port'),
      () => Object.assign(config.hosts, { db: ['x'] }),
      () => Object.defineProperty(config, '__proto__', { value: {}, enumerable: true }),
    ]
    let before = first
    for (const change of changes) {
      change()
      const after = recordConfig(config)
      expect(after).not.toBe(before)
      before = after
    }
    expect((await configErrorOf(before.checked())).problems.map(({ origin }) => origin)).toEqual(
      expect.arrayContaining(['option config: __proto__', 'option config: hosts.db']),
    )
  })

  it('names files relative to where it was recorded', async () => {
    const config = { sshConfig: ['here'] }
    const at = machine()
    const record = recordConfig(config, { cwd: '/one', home: '/home' })
    expect(recordConfig(config, { cwd: '/two', home: '/home' })).not.toBe(record)
    expect((await at.load({ config: record }))[0]?.sshConfig?.files).toEqual(['/one/here'])
  })

  it('may lead back to itself, and is then an error like others', async () => {
    const hosts: Record<string, unknown> = {}
    hosts['hosts'] = hosts
    const config = { hosts } as SallyportConfig
    expect(recordConfig(config)).toBe(recordConfig(config))
    expect((await configErrorOf(recordConfig(config).checked())).code).toBe('CONFIG_INVALID')
  })
})
