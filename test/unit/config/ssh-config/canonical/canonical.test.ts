import { describe, expect, test } from 'vitest'
import {
  type CanonicalRules,
  canonicalName,
  type FindName,
} from '../../../../../src/config/ssh-config/canonical/canonical.js'

const rules: CanonicalRules = {
  canonicalize: 'yes',
  isDirect: true,
  domains: ['one.test', 'two.test'],
  maxDots: 1,
  fallsBackToLocal: true,
  family: 0,
  permittedAliases: [],
}

/** The names that there are, and what they are aliases of. */
const names = new Map([
  ['db.two.test.', 'db.two.test'],
  ['web.one.test.', 'web.far.test'],
  ['anchored.', 'anchored'],
  ['short', 'long.far.test'],
])

async function ask(host: string, more: Partial<CanonicalRules> = {}) {
  const asked: string[] = []
  const find: FindName = async (name) => {
    asked.push(name)
    return names.get(name)
  }
  const name = await canonicalName(host, { ...rules, ...more }, find)
  return { name, asked }
}

describe('without canonicalisation', () => {
  test('a name is lowered and an address made canonical, and nobody is asked', async () => {
    const no = { canonicalize: 'no' } as const
    expect(await ask('DB', no)).toEqual({ name: 'db', asked: [] })
    expect(await ask('127.1', no)).toEqual({ name: '127.0.0.1', asked: [] })
    expect(await ask('A%b:', no)).toEqual({ name: 'A%b:', asked: [] })
  })

  test('permitted aliases still demand that the name is found', async () => {
    const more = { canonicalize: 'no', permittedAliases: ['*:*'] } as const
    expect(await ask('short', more)).toEqual({ name: 'short', asked: ['short'] })
    await expect(ask('nowhere', more)).rejects.toMatchObject({ code: 'NAME_NOT_FOUND' })
    expect(await ask('nowhere', { ...more, isDirect: false })).toEqual({ name: 'nowhere', asked: [] })
  })
})

describe('a name is completed', () => {
  test('by the first domain in which it is found', async () => {
    expect(await ask('Db')).toEqual({ name: 'db.two.test', asked: ['db.one.test.', 'db.two.test.'] })
  })

  test('not when it has too many dots, or is reached through a proxy', async () => {
    expect(await ask('db.x.y')).toEqual({ name: 'db.x.y', asked: [] })
    expect(await ask('db', { isDirect: false })).toEqual({ name: 'db', asked: [] })
    expect(await ask('db', { isDirect: false, canonicalize: 'always' })).toMatchObject({
      name: 'db.two.test',
    })
  })

  test('by nothing when it ends with a dot', async () => {
    expect(await ask('anchored.')).toEqual({ name: 'anchored', asked: ['anchored.'] })
  })

  test('or left as it is when no domain has it, unless that is forbidden', async () => {
    expect(await ask('nowhere')).toMatchObject({ name: 'nowhere' })
    await expect(ask('nowhere', { fallsBackToLocal: false })).rejects.toMatchObject({
      code: 'NAME_NOT_FOUND',
      message: 'the name nowhere could not be resolved',
    })
  })
})

test.each([
  ['*.one.test:*.far.test', 'web.far.test'],
  ['*.ONE.test:*.FAR.test', 'web.far.test'],
  ['*', 'web.far.test'],
  ['*.two.test:*', 'web.one.test'],
  ['*:*,!*.far.test', 'web.one.test'],
])('an alias is followed only where a rule permits it: %s', async (rule, name) => {
  expect(await ask('web', { permittedAliases: [rule] })).toMatchObject({ name })
})
