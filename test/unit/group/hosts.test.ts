import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { Group, type GroupHosts } from '../../../src/index.js'

const connection = { sshConfig: false, config: false, user: 'root' } as const

async function namesOf(group: Group): Promise<readonly string[]> {
  return (await group.members()).map(({ host }) => host)
}

describe('hosts are given as', () => {
  async function* stream() {
    yield 'a'
    yield 'b'
  }
  test.each<[string, () => GroupHosts]>([
    ['a list', () => ['a', 'b']],
    ['a set', () => new Set(['a', 'b'])],
    ['a generator', () => ['a', 'b'].values()],
    ['a stream', stream],
    ['a function', () => () => ['a', 'b']],
    ['a function that takes its time', () => async () => stream()],
  ])('%s', async (_, make) => {
    const group = new Group(make(), { connection })
    expect(await namesOf(group)).toEqual(['a', 'b'])
    expect(await namesOf(group)).toEqual(['a', 'b'])
  })

  test('a list that is no longer what it was changes nothing', async () => {
    const hosts = ['a']
    const group = new Group(hosts, { connection })
    hosts.push('b')
    expect(await namesOf(group)).toEqual(['a'])
  })
})

describe('an inventory', () => {
  test('is not asked before the group is used, and then once', async () => {
    let asked = 0
    const group = new Group(
      () => {
        asked += 1
        return ['a']
      },
      { connection },
    )
    expect(asked).toBe(0)
    await Promise.all([group.members(), group.members()])
    await group.members()
    expect(asked).toBe(1)
  })

  test('that fails is asked again by the next use', async () => {
    let asked = 0
    const inventory = (): readonly string[] => {
      asked += 1
      if (asked === 1) throw new Error('not now')
      return ['a']
    }
    const group = new Group(inventory, { connection })
    const work = group.run('true')
    await expect(work.outcomes()).rejects.toThrow('not now')
    expect(await namesOf(group)).toEqual(['a'])
  })

  test('that never answers is waited for no longer than the caller wants', async () => {
    const group = new Group(() => new Promise<never>(() => {}), { connection })
    await expect(group.members({ timeoutMs: 20 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    const controller = new AbortController()
    const work = group.run('true', { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(work.outcomes()).rejects.toMatchObject({ code: 'ABORT_ERR' })
  })

  test('a stream that is given up is destroyed, and does not count as read', async () => {
    const stream = new PassThrough({ objectMode: true })
    stream.write('a')
    const group = new Group(stream, { connection })
    await expect(group.members({ timeoutMs: 20 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(stream.destroyed).toBe(true)
    await expect(group.members()).rejects.toMatchObject({ code: 'TIMEOUT' })
  })
})

test.each([
  ['text', 'web1,web2'],
  ['nothing', undefined],
  ['a number', 5],
  ['a list of other things', ['web1', 5]],
])('%s are no hosts', (_, hosts) => {
  expect(() => new Group(hosts as never, { connection })).toThrow(TypeError)
})

test('a function that gives other things than hosts is a mistake of the program', async () => {
  await expect(new Group(() => [5] as never, { connection }).members()).rejects.toThrow(TypeError)
  await expect(new Group(() => 'web1', { connection }).members()).rejects.toThrow(TypeError)
})
