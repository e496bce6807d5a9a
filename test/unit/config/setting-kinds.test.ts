import { describe, expect, it } from 'vitest'
import { programOrigin, runtimeLayer, type SettingOptions } from '../../../src/config/runtime.js'
import { type SettingName, settingsTable } from '../../../src/config/settings.js'
import { Connection } from '../../../src/connection.js'

const pin = `SHA256:${'A'.repeat(43)}`
const settingOf = (options: object): unknown => {
  const [name] = Object.keys(options)
  return runtimeLayer(options, [], programOrigin).values[name as SettingName]
}

/** What a variable of the environment or a file of ours would make of the text. */
const parse = (name: SettingName, text: string): unknown =>
  settingsTable[name].kind.parse?.(text, `variable ${name}`)

describe('what cannot work is refused when the connection is made, by the name of its option', () => {
  it.each<[object, RegExp]>([
    [{ hostKeyFingerprints: ['MD5:00:11'] }, /no SHA256 fingerprint/],
    [{ hostKeyFingerprints: [pin.slice(7)] }, /no SHA256 fingerprint/],
    [{ hostKeyFingerprints: [pin.toLowerCase()] }, /no SHA256 fingerprint/],
    [{ hostKeyFingerprints: ['SHA256:short'] }, /no SHA256 fingerprint/],
    [
      { preferredAuthentications: ['publickey', 'gssapi-with-mic'] },
      /"gssapi-with-mic" is none of publickey/,
    ],
    [{ preferredAuthentications: ['\x1b[2J'] }, /"\\x1b\[2J" is none of/],
    [{ preferredAuthentications: [] }, /at least one/],
    [{ identityAgent: '$' }, /names no variable/],
    [{ identityAgent: '$A/b' }, /names no variable/],
    [{ forwardAgent: '$' }, /names no variable/],
    [{ userKnownHostsFile: ['~bob/x'] }, /cannot expand "~bob\/x"/],
    [{ globalKnownHostsFile: ['~bob/x'] }, /cannot expand/],
    [{ revokedHostKeys: '~bob/x' }, /cannot expand/],
    [{ identityFile: ['~bob/x'] }, /cannot expand/],
    [{ identityAgent: '~bob/x' }, /cannot expand/],
  ])('%j', (options, message) => {
    const origin = `option ${Object.keys(options)[0]}`
    const attempt = (): unknown => new Connection('127.0.0.1', options as SettingOptions)
    expect(attempt).toThrow(expect.objectContaining({ name: 'ConfigError', code: 'INVALID_OPTION', origin }))
    expect(attempt).toThrow(message)
  })

  it.each([
    ['preferredAuthentications', 'hostbased,publickey'],
    ['userKnownHostsFile', '~bob/x'],
    ['identityAgent', '$'],
  ] as const)('as text: %s=%s', (name, text) => {
    expect(() => parse(name, text)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', origin: `variable ${name}` }),
    )
  })
})

describe('files', () => {
  it.each([
    'identityFile',
    'userKnownHostsFile',
    'globalKnownHostsFile',
    'revokedHostKeys',
    'identityAgent',
  ] as const)(
    'of %s in a text that ssh would read differently are refused, not taken as they are',
    (name) => {
      for (const text of ['"/a b"', "'/a'", '%d/key', `/a/${'$'}{USER}`, '/a\\ b']) {
        expect(() => parse(name, text), text).toThrow(/are not supported/)
      }
    },
  )

  it('of a program may have any name', () => {
    expect(settingOf({ identityFile: ['/a b/"100%$"'] })).toEqual(['/a b/"100%$"'])
  })

  it('none alone means no file, as with ssh', () => {
    expect(parse('identityFile', 'none')).toEqual([])
    expect(parse('userKnownHostsFile', 'None')).toEqual([])
    expect(settingOf({ identityFile: 'none' })).toEqual([])
    expect(settingOf({ identityFile: ['none', '/k'] })).toEqual(['none', '/k'])
  })
})

it('variables that name the agent are taken from text and programs alike', () => {
  for (const agent of ['$AGENT', `${'$'}{AGENT}`, 'SSH_AUTH_SOCK', 'none', '~/agent']) {
    expect(parse('identityAgent', agent)).toBe(agent)
    expect(parse('forwardAgent', agent)).toBe(agent)
    expect(settingOf({ identityAgent: agent })).toBe(agent)
  }
})

it('methods keep their order, and none counts twice', () => {
  expect(settingOf({ preferredAuthentications: ['password', 'publickey', 'password'] })).toEqual([
    'password',
    'publickey',
  ])
})

it('the padding that some programs add to a fingerprint does not matter', () => {
  expect(settingOf({ hostKeyFingerprints: [`${pin}=`] })).toEqual([pin])
})

describe('variables', () => {
  it.each<[unknown, Record<string, string>]>([
    [
      { LANG: 'C', EMPTY: '' },
      { LANG: 'C', EMPTY: '' },
    ],
    [['LANG=C', 'A=b=c', 'LANG=late'], { LANG: 'C', A: 'b=c' }],
    [[], {}],
  ])('%j are taken by their names', (value, expected) => {
    const variables = settingOf({ setEnv: value })
    expect({ ...(variables as object) }).toEqual(expected)
    expect(Object.isFrozen(variables)).toBe(true)
  })

  it('are read from text', () => {
    expect({ ...(parse('setEnv', 'A=1 B=x') as object) }).toEqual({ A: '1', B: 'x' })
  })

  it('have no names with a meaning of their own', () => {
    const variables = settingOf({ setEnv: ['__proto__=x', 'constructor=y'] }) as object
    expect(Object.entries(variables)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect(Object.getPrototypeOf(variables)).toBeNull()
  })

  it.each([
    [['LANG']],
    [['=C']],
    [{ 'A=B': 'c' }],
    [{ A: 1 }],
    [{ A: 'x\0y' }],
    [{ 'A\nB': 'x' }],
    ['LANG'],
    [7],
  ])('%j are none', (value) => {
    expect(() => settingOf({ setEnv: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', origin: 'option setEnv' }),
    )
  })
})
