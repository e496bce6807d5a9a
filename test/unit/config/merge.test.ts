import { userInfo } from 'node:os'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type Layer, mergeLayers, sources } from '../../../src/config/merge.js'
import { type Settings, settingNames, settingsTable } from '../../../src/config/settings.js'

const layer = (name: string, values: Partial<Settings>): Layer => ({
  source: 'runtime',
  values,
  originOf: (setting) => `${name} ${setting}`,
})

describe('merged layers', () => {
  it('without a value have the default of the table, for every setting', () => {
    const { settings, origins } = mergeLayers([])
    for (const name of settingNames.filter((name) => name !== 'user')) {
      expect(settings[name]).toEqual(settingsTable[name].default)
      expect(origins[name]).toEqual({ from: 'default', beat: [], parts: [] })
    }
    expect(settings.user).toBe(userInfo().username)
  })

  it('have the value of the first that has one, and know what it beat', () => {
    const { settings, origins } = mergeLayers([
      layer('option', { port: 1 }),
      layer('file', { port: 2, compression: true }),
      layer('system', { port: 3, compression: false, user: 'deploy' }),
    ])
    expect(settings).toMatchObject({ port: 1, compression: true, user: 'deploy' })
    expect(origins).toMatchObject({
      port: { from: 'option port', beat: ['file port', 'system port'] },
      compression: { from: 'file compression', beat: ['system compression'] },
      user: { from: 'system user', beat: [] },
      hostName: { from: 'default', beat: [] },
    })
  })

  it('tell what came too late in a source, too, whether that source wins or has no value of its own', () => {
    const late = (name: string, values: Partial<Settings>): Layer => ({
      ...layer(name, values),
      beatenAt: (setting) => (setting === 'port' ? [`${name}, further down`] : []),
    })
    const { origins } = mergeLayers([
      layer('option', { port: 1 }),
      late('file', { port: 2 }),
      late('other', {}),
    ])
    expect(origins.port).toMatchObject({
      from: 'option port',
      beat: ['file port', 'file, further down', 'other, further down'],
    })
    expect(mergeLayers([late('file', { port: 2 })]).origins.port).toMatchObject({
      from: 'file port',
      beat: ['file, further down'],
    })
    expect(origins.user.beat).toEqual([])
  })

  it('take false, 0 and an empty list for values, and undefined for none', () => {
    const above = { compression: false, serverAliveIntervalMs: 0, globalKnownHostsFile: [], port: undefined }
    const below = { compression: true, serverAliveIntervalMs: 9, globalKnownHostsFile: ['/x'], port: 2 }
    const { settings } = mergeLayers([
      layer('above', above as unknown as Partial<Settings>),
      layer('below', below),
    ])
    expect(settings).toMatchObject({
      compression: false,
      serverAliveIntervalMs: 0,
      globalKnownHostsFile: [],
      port: 2,
    })
  })

  it('do not join lists that do not gather: the first has it all', () => {
    const { settings } = mergeLayers([layer('a', { ciphers: ['one'] }), layer('b', { ciphers: ['two'] })])
    expect(settings.ciphers).toEqual(['one'])
  })

  it('add up in lists that gather, each entry once, until an empty list ends them', () => {
    const { settings, origins } = mergeLayers([
      layer('a', { identityFile: ['one', 'two'] }),
      layer('b', { identityFile: ['two', 'three'] }),
      layer('c', { identityFile: [] }),
      layer('d', { identityFile: ['four'] }),
    ])
    expect(settings.identityFile).toEqual(['one', 'two', 'three'])
    expect(origins.identityFile).toEqual({
      from: 'a identityFile, b identityFile',
      beat: ['c identityFile', 'd identityFile'],
      parts: [
        { source: 'runtime', from: 'a identityFile', entries: ['one', 'two'] },
        { source: 'runtime', from: 'b identityFile', entries: ['two', 'three'] },
      ],
    })
    const none = mergeLayers([layer('a', { identityFile: [] }), layer('b', { identityFile: ['x'] })])
    expect(none.settings.identityFile).toEqual([])
    expect(none.origins.identityFile).toMatchObject({ from: 'a identityFile', beat: ['b identityFile'] })
  })

  it('count by their source, whatever order they come in', () => {
    const below: Layer = { ...layer('system', { port: 3, user: 'low' }), source: 'system' }
    const above: Layer = { ...layer('file', { port: 2 }), source: 'ssh_config' }
    expect(mergeLayers([below, above]).settings).toMatchObject({ port: 2, user: 'low' })
  })

  it('cannot be changed', () => {
    const { settings, origins } = mergeLayers([layer('a', { port: 1 })])
    expect(Object.isFrozen(settings) && Object.isFrozen(origins) && Object.isFrozen(origins.port)).toBe(true)
  })

  it('show of a secret only that there is one, however they are printed', () => {
    const { settings } = mergeLayers([
      layer('a', { password: 'hunter2', passphrase: 'hunter3', keyboardInteractive: () => ['hunter4'] }),
    ])
    expect(settings.password).toBe('hunter2')
    for (const text of [
      inspect(settings),
      inspect([{ settings }], { depth: 9 }),
      JSON.stringify({ settings }),
    ]) {
      expect(text).not.toMatch(/hunter/)
      expect(text.match(/\[secret\]/g)).toHaveLength(3)
    }
    expect(JSON.stringify(mergeLayers([]).settings)).not.toContain('[secret]')
  })

  it('show no variable whose name speaks of a secret, and no secret in a command, also to what does not ask them', () => {
    const { settings } = mergeLayers([
      layer('a', { setEnv: { API_TOKEN: 'hunter2', LANG: 'C' }, remoteCommand: 'x --password hunter3; y' }),
    ])
    expect(settings.setEnv).toEqual({ API_TOKEN: 'hunter2', LANG: 'C' })
    expect(settings.remoteCommand).toBe('x --password hunter3; y')
    for (const text of [inspect(settings), JSON.stringify(settings)]) {
      expect(text).toMatch(
        /API_TOKEN"?: ["']\[secret\]["'], ?"?LANG"?: ?["']C["']|"API_TOKEN":"\[secret\]","LANG":"C"/,
      )
      expect(text).toContain('x --password [secret]; y')
    }
    for (const options of [{}, { customInspect: false }])
      expect(inspect(settings, options)).not.toMatch(/hunter/)
    expect(JSON.stringify({ ...settings })).not.toMatch(/hunter/)
  })
})

describe('of two sources the one that stands before the other', () => {
  const pairs = sources.flatMap((higher, index) =>
    sources.slice(index + 1).map((lower) => ({ higher, lower })),
  )

  it.each(pairs)('$higher beats $lower', ({ higher, lower }) => {
    const above: Layer = { ...layer(higher, { port: 1, identityFile: ['a'] }), source: higher }
    const below: Layer = { ...layer(lower, { port: 2, identityFile: ['b'], user: 'low' }), source: lower }
    for (const layers of [
      [above, below],
      [below, above],
    ]) {
      const { settings, origins } = mergeLayers(layers)
      expect(settings).toMatchObject({ port: 1, user: 'low', identityFile: ['a', 'b'] })
      expect(origins.port).toMatchObject({ from: `${higher} port`, beat: [`${lower} port`] })
      expect(origins.user).toMatchObject({ from: `${lower} user`, beat: [] })
    }
  })

  it('is one of seven, from what a program says of a host down to what it says of all', () => {
    expect(sources).toEqual(['runtime', 'ssh_config', 'environment', 'project', 'user', 'system', 'program'])
  })
})
