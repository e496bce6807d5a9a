import { describe, expect, test } from 'vitest'
import { findEnvironmentName } from '../../src/config/environment-name.js'
import { settingNames, settingsTable } from '../../src/config/settings.js'
import { findKeyword, keywordNames, keywords } from '../../src/config/ssh-config/keywords.js'
import { textOf } from './markdown.js'

const page = textOf('docs/settings.md')

/** What has no setting, and where it has its effect. */
const honouredElsewhere: Readonly<Record<string, string>> = {
  Host: 'parsing',
  Match: 'parsing',
  Include: 'parsing',
  IgnoreUnknown: 'parsing',
  Tag: 'the look-up',
  CanonicalDomains: 'the look-up',
  CanonicalizeFallbackLocal: 'the look-up',
  CanonicalizeHostname: 'the look-up',
  CanonicalizeMaxDots: 'the look-up',
  CanonicalizePermittedCNAMEs: 'the look-up',
  ProxyCommand: 'the gateway',
  ProxyJump: 'the gateway',
  RefuseConnection: 'the refusal of the host',
}

describe('the keywords of ssh_config', () => {
  const settingOf = new Map(settingNames.map((name) => [settingsTable[name].keyword, name]))

  test.each(keywordNames.filter((name) => keywords[name].group === 'honoured'))(
    '%s is honoured by a setting, or by a part of the library that is named here',
    (name) => {
      expect([settingOf.get(name), honouredElsewhere[name]].filter(Boolean)).toHaveLength(1)
    },
  )

  test('whatever is honoured elsewhere is a keyword of that group', () => {
    const honoured = keywordNames.filter((name) => keywords[name].group === 'honoured')
    expect(honoured).toEqual(expect.arrayContaining(Object.keys(honouredElsewhere)))
  })

  test.each(settingNames.filter((name) => settingsTable[name].keyword !== undefined))(
    'that of %s is one, in its own spelling, and honoured',
    (name) => {
      const { keyword = '' } = settingsTable[name]
      expect(findKeyword(keyword)).toMatchObject({ name: keyword, keyword: { group: 'honoured' } })
    },
  )

  test('each stands on the page once, in its group', () => {
    const [, tables = ''] = page.split('\n## Keywords of ssh_config\n')
    const listed = tables.split('\n### ').flatMap((part) => {
      const group = part.split('\n', 1)[0]?.toLowerCase()
      return [...part.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => `${name} ${group}`)
    })
    expect(listed.sort()).toEqual(keywordNames.map((name) => `${name} ${keywords[name].group}`).sort())
  })
})

describe('the settings', () => {
  test.each(settingNames)('%s says what it does, and how it can be given', (name) => {
    const section = page.split(`\n### ${name}\n`)[1]?.split('\n#')[0] ?? ''
    const [facts = '', doc = ''] = section.trim().split('\n\n')
    const { keyword, secret, programOnly } = settingsTable[name]
    expect(doc.length).toBeGreaterThan(5)
    expect(facts.includes('ssh_config')).toBe(keyword !== undefined)
    expect(facts.includes('never shown')).toBe(secret === true)
    expect(facts.includes('from a program only')).toBe(programOnly === true)
    const variable = findEnvironmentName(name)
    expect(facts.includes('SALLYPORT_')).toBe(variable !== undefined)
    if (variable !== undefined) expect(facts).toContain(`\`${variable}\``)
  })

  test('only what no text can give has no variable of the environment', () => {
    const without = settingNames.filter((name) => findEnvironmentName(name) === undefined)
    expect(without.every((name) => settingsTable[name].secret || settingsTable[name].programOnly)).toBe(true)
  })
})
