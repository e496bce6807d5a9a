import { describe, expect, it } from 'vitest'
import { type SettingName, settingNames, settingsTable } from '../../../../src/config/settings.js'
import { configErrorOf, machine, originFor, valuesFor } from './rig.js'

/** Text that means something for some kind of value; the first that a row can read is taken. */
const words = [
  'accept-new',
  'yes',
  '30s',
  '22',
  'SHA256:'.padEnd(50, 'a'),
  'publickey',
  'inet',
  'NAME=value',
  'default',
  '8080:db:5432',
  'db:22',
  '/a/file',
  'a',
]

function wordFor(name: SettingName): string | undefined {
  const { kind } = settingsTable[name]
  return words.find((word) => {
    try {
      return kind.parse?.(word, name) !== undefined
    } catch {
      return false
    }
  })
}

function variableOf(name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

const withText = settingNames.flatMap((name) => {
  const word = wordFor(name)
  return word === undefined ? [] : [{ name, word }]
})
const secrets = settingNames.filter((name) => settingsTable[name].secret === true)
const programOnly = settingNames.filter((name) => settingsTable[name].kind.parse === undefined)

describe('every row of the table of settings', () => {
  it('is one of those that have text, or of those that have none', () => {
    expect([...withText.map(({ name }) => name), ...programOnly].sort()).toEqual([...settingNames].sort())
  })

  it.each(withText)(
    '$name comes from a file, for a host, as the kind of value that it is',
    async ({ name, word }) => {
      const at = machine()
      at.writeUser({ hosts: { db: { [name]: word } } })
      const configs = await at.load()
      expect(valuesFor(configs, 'db')).toEqual({ [name]: settingsTable[name].kind.parse?.(word, '') })
      expect(originFor(configs, 'db', name)).toBe(`~/.config/sallyport/config.json: hosts.db.${name}`)
      expect(valuesFor(configs, 'other')).toEqual({})
    },
  )

  it.each(withText)('$name comes from the environment, for a host', async ({ name, word }) => {
    const variable = `SALLYPORT_HOSTS__DB_INTERNAL__${variableOf(name)}`
    const configs = await machine().load({ env: { [variable]: word } })
    expect(valuesFor(configs, 'db.internal')).toEqual({ [name]: settingsTable[name].kind.parse?.(word, '') })
    expect(originFor(configs, 'db.internal', name)).toBe(variable)
    expect(valuesFor(configs, 'db')).toEqual({})
  })

  const ofOneHost: readonly SettingName[] = [
    'hostName',
    'hostKeyAlias',
    'hostKeyFingerprints',
    'forwardAgent',
  ]
  const general = withText.filter(({ name }) => !ofOneHost.includes(name))

  it.each(general)('$name comes from the environment, for every host', async ({ name, word }) => {
    const configs = await machine().load({ env: { [`SALLYPORT_${variableOf(name)}`]: word } })
    expect(valuesFor(configs, 'any')).toEqual({ [name]: settingsTable[name].kind.parse?.(word, '') })
  })

  it.each(ofOneHost)('%s is refused where it would concern every host', async (name) => {
    const word = wordFor(name) ?? ''
    const env = { [`SALLYPORT_${variableOf(name)}`]: word }
    expect(await configErrorOf(machine().load({ env }))).toMatchObject({ code: 'CONFIG_INVALID' })
    for (const config of [{ [name]: word }, { hosts: { '*': { [name]: word } } }]) {
      expect(await configErrorOf(machine().load({ config }))).toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/give it in hosts$/),
      })
    }
  })

  it.each(programOnly)('%s has no variable', async (name) => {
    const variable = `SALLYPORT_${variableOf(name)}`
    expect(await configErrorOf(machine().load({ env: { [variable]: 'x' } }))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: secrets.includes(name)
        ? `${variable}: a secret cannot be given by the environment`
        : `${variable}: can only be given by a program`,
    })
  })
})

describe('values', () => {
  it.each([
    ['connectTimeoutMs', '5000', 5000],
    ['connectTimeoutMs', '5s', 5000],
    ['serverAliveIntervalMs', '1m30s', 90_000],
    ['authTimeoutMs', 2500, 2500],
    ['port', '2222', 2222],
    ['compression', 'yes', true],
    ['compression', false, false],
    ['ciphers', 'aes128-ctr,aes256-ctr', ['aes128-ctr', 'aes256-ctr']],
    ['ciphers', ['aes128-ctr'], ['aes128-ctr']],
    ['identityFile', '~/.ssh/a ~/.ssh/b', ['~/.ssh/a', '~/.ssh/b']],
    ['identityFile', ['~/.ssh/a file'], ['~/.ssh/a file']],
    ['identityFile', 'none', []],
  ])('%s: %j is %j', async (name, given, value) => {
    const at = machine()
    at.writeUser({ [name]: given })
    expect(valuesFor(await at.load(), 'h')).toEqual({ [name]: value })
  })

  it.each([
    ['SALLYPORT_CONNECT_TIMEOUT_MS', '5000', { connectTimeoutMs: 5000 }],
    ['SALLYPORT_CONNECT_TIMEOUT_MS', '5s', { connectTimeoutMs: 5000 }],
    ['SALLYPORT_STRICT_HOST_KEY_CHECKING', 'ask', { strictHostKeyChecking: 'ask' }],
    ['SALLYPORT_IDENTITIES_ONLY', 'no', { identitiesOnly: false }],
    ['SALLYPORT_USER', '', {}],
  ])('%s=%s gives %j', async (variable, text, values) => {
    expect(valuesFor(await machine().load({ env: { [variable]: text } }), 'h')).toEqual(values)
  })
})
