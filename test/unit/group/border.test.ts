import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { Group, type GroupOptions } from '../../../src/index.js'

const connection = { sshConfig: false, config: false, user: 'root' } as const
const group = new Group(['web1'], { connection })

describe('a group is not made with', () => {
  test.each([
    [{ paralel: 5 }, 'there is no option "paralel"'],
    [{ parallel: 0 }, 'option parallel'],
    [{ waves: { first: 1 } }, 'option waves.then'],
    [{ connection: { nope: 1 } }, 'nope'],
    [{ connection: { port: 70_000 } }, 'port'],
    [{ connection: { proxyJump: 'a b' } }, 'proxyJump'],
    [{ connection: { exec: 'skip' } }, 'skip is for resolve() only'],
  ] as unknown as [GroupOptions, string][])('%j', (options, message) => {
    expect(() => new Group(['web1'], options)).toThrow(message)
  })
})

test('settings that belong to the hosts may be given for all of them', async () => {
  const all = new Group(['web1'], { connection: { ...connection, user: 'ops', port: 2200 } })
  expect((await all.members()).map(({ id }) => id)).toEqual(['ops@web1:2200'])
})

describe('a mistake of the program is thrown at once, before any work', () => {
  test.each<[string, () => unknown, string]>([
    ['an unknown option', () => group.run('true', { nope: 1 } as never), 'there is no option "nope"'],
    ['a pace', () => group.run('true', { parallel: -1 }), 'option parallel'],
    ['a signal', () => group.map(() => 1, { signal: {} as never }), 'option signal'],
    ['a time', () => group.put('x', undefined, { timeoutMs: -1 }), 'option timeoutMs'],
    ['an empty command', () => group.run(' '), 'empty'],
    ['a stream to many', () => group.put(new PassThrough()), 'a stream can be read once'],
    ['an input stream', () => group.run('cat', { input: Readable.from([]) }), 'a stream can be read once'],
    ['no source', () => group.put(undefined as never), 'local'],
    ['a place that is no path', () => group.get('x', new PassThrough() as never), 'local: must be a path'],
    ['work that is no function', () => group.map('true' as never), 'work: must be a function'],
    ['an option of sudo', () => group.sudo('true', { user: '-x' }), 'option user'],
    ['an option of get', () => group.get('x', '{host}', { symlinks: 'keep' as never }), 'option symlinks'],
    ['a remote path that is none', () => group.get(5 as never), 'remote: must be a path'],
    ['options that are none', () => group.run('true', null as never), 'options: must be an object'],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message)
  })
})
