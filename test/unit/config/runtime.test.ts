import { describe, expect, it } from 'vitest'
import { defaultsLayer, programOrigin, runtimeLayer } from '../../../src/config/runtime.js'
import { settingNames, settingsTable } from '../../../src/config/settings.js'

describe('the options of a program', () => {
  it('become a layer of the settings among them, each with its own name as its origin', () => {
    const { values, originOf } = runtimeLayer(
      { port: 22, user: undefined, signal: 1 },
      ['signal'],
      programOrigin,
    )
    expect(values).toEqual({ port: 22 })
    expect(originOf('port')).toBe('option port')
  })

  it.each(['prot', '__proto_', 'ssh', ''])(
    'called %j are refused: a misspelt option is no silent one',
    (name) => {
      expect(() => runtimeLayer({ [name]: undefined }, ['signal'], programOrigin)).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: `there is no option ${JSON.stringify(name)}`,
        }),
      )
    },
  )

  it('are checked, and named as their user wrote them', () => {
    expect(() => runtimeLayer({ port: '22' }, [], (name) => `-${name[0]}`)).toThrow(
      expect.objectContaining({ origin: '-p', message: expect.stringMatching(/^-p: /) }),
    )
  })

  it('are never changed, and are not asked again', () => {
    const options = Object.freeze({ identityFile: ['k'], userKnownHostsFile: Object.freeze(['a']) })
    const { values } = runtimeLayer(options, [], programOrigin)
    options.identityFile.push('later')
    expect(values).toEqual({ identityFile: ['k'], userKnownHostsFile: ['a'] })
  })
})

describe('the defaults of a program', () => {
  it('become a layer that says where its values come from', () => {
    const { values, originOf } = defaultsLayer({ strictHostKeyChecking: 'ask', ask: undefined })
    expect(values).toEqual({ strictHostKeyChecking: 'ask' })
    expect(originOf('strictHostKeyChecking')).toBe('default of the program')
  })

  const samples: Readonly<Record<string, unknown>> = {
    user: 'ops',
    port: 22,
    hostName: 'h',
    hostKeyAlias: 'h',
    hostKeyFingerprints: [`SHA256:${'x'.repeat(43)}`],
    identityFile: ['k'],
    forwardAgent: true,
    password: 's',
    passphrase: 's',
    keyboardInteractive: () => [],
  }

  it.each(Object.entries(samples))('cannot hold %s, which belongs to one host', (name, value) => {
    expect(() => defaultsLayer({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', origin: `option defaults.${name}` }),
    )
  })

  it('cannot hold any secret', () => {
    const secret = settingNames.filter((name) => settingsTable[name].secret === true)
    expect(secret.length).toBeGreaterThan(0)
    for (const name of secret) expect(samples).toHaveProperty(name)
  })

  it.each<[string, unknown]>([
    ['strictHostKeyChecking', 'no'],
    ['verifyHostKey', () => 'accept'],
  ])('cannot switch off the check of host keys for all hops: %s', (name, value) => {
    expect(() => defaultsLayer({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        origin: `option defaults.${name}`,
        message: expect.stringContaining('host keys of all hops'),
      }),
    )
  })

  it.each(['yes', 'ask', 'accept-new'] as const)(
    'can hold the policy %s for unknown host keys',
    (strictHostKeyChecking) => {
      expect(defaultsLayer({ strictHostKeyChecking }).values).toEqual({ strictHostKeyChecking })
    },
  )

  it('are checked as options are', () => {
    expect(() => defaultsLayer({ compression: 'yes' } as never)).toThrow(/^option defaults\.compression: /)
    expect(() => defaultsLayer({ gateway: 'x' } as never)).toThrow('there is no option "gateway"')
  })
})
