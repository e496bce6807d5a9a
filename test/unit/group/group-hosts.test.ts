import { describe, expect, test } from 'vitest'
import { groupHosts } from '../../../src/index.js'

const config = { groups: { web: ['web1', 'ops@web2:2200'], db: [], broken: ['ok', '-x'] } }

describe('the hosts of a configured group', () => {
  test('are those of the configuration, in its order', async () => {
    expect(await groupHosts('web', { config })).toEqual(['web1', 'ops@web2:2200'])
    expect(await groupHosts('db', { config })).toEqual([])
  })

  test('that is not there are an error that names those that are', async () => {
    await expect(groupHosts('wep', { config })).rejects.toMatchObject({
      name: 'ConfigError',
      code: 'INVALID_OPTION',
      message: 'there is no group "wep": there are broken, db, web',
      hint: 'did you mean web?',
    })
    await expect(groupHosts('toString', { config })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    await expect(groupHosts('web', { config: false })).rejects.toMatchObject({
      message: 'there is no group "web": the configuration has none',
      hint: undefined,
    })
  })

  test('are checked as all names are', async () => {
    await expect(groupHosts('broken', { config })).rejects.toMatchObject({
      code: 'INVALID_DESTINATION',
      message: expect.stringContaining('groups.broken[1]'),
    })
  })

  test('need a name that is text, and known options', async () => {
    await expect(groupHosts(undefined as never, { config })).rejects.toThrow(TypeError)
    await expect(groupHosts('web', { timeoutMs: -1 })).rejects.toThrow(TypeError)
  })
})
