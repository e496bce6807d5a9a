// Which destinations a forward lets through.

import { describe, expect, test } from 'vitest'
import { type Permit, readPermit } from '../../../../src/forward/proxy/permit.js'

/** What is made of `host port`, or of a path. */
async function judged(permit: Permit | undefined, asked: string): Promise<'permitted' | 'refused'> {
  const [host = '', port] = asked.split(' ')
  const to = port === undefined ? { path: host } : { host, port: Number(port) }
  try {
    await readPermit(permit)(to)
    return 'permitted'
  } catch (error) {
    expect(error).toMatchObject({ name: 'SallyportError', code: 'DESTINATION_NOT_PERMITTED' })
    return 'refused'
  }
}

describe('a list', () => {
  test.each([
    [['db:5432'], 'db 5432', 'permitted'],
    [['db:5432'], 'DB 5432', 'permitted'],
    [['DB.Internal:5432'], 'db.internal 5432', 'permitted'],
    [['db:5432'], 'db 5433', 'refused'],
    [['db:5432'], 'db.internal 5432', 'refused'],
    [['db:5432'], 'db. 5432', 'refused'],
    [['db:5432'], '10.0.0.7 5432', 'refused'],
    [['db:5432', 'web:443'], 'web 443', 'permitted'],
    [['db:5432', 'web:443'], 'web 5432', 'refused'],
    [['db:*'], 'db 1', 'permitted'],
    [['db:*'], 'web 1', 'refused'],
    [['*:443'], 'anything 443', 'permitted'],
    [['*:443'], '::1 443', 'permitted'],
    [['*:443'], 'anything 80', 'refused'],
    [['*:*'], '10.0.0.7 65535', 'permitted'],
    [['127.0.0.1:80'], '127.0.0.1 80', 'permitted'],
    [['127.0.0.1:80'], '127.1 80', 'refused'],
    [['127.0.0.1:80'], '::ffff:127.0.0.1 80', 'refused'],
    [['127.0.0.1:80'], 'localhost 80', 'refused'],
    [['[::1]:80'], '::1 80', 'permitted'],
    [['[0:0:0:0:0:0:0:1]:80'], '::1 80', 'permitted'],
    [['[2001:DB8::1]:80'], '2001:db8:0::1 80', 'permitted'],
    [['[::1]:80'], '::2 80', 'refused'],
    [['any'], 'anything 1', 'permitted'],
    [['any'], '/run/app.sock', 'permitted'],
    [['none'], 'anything 1', 'refused'],
    [['*:*'], '/run/app.sock', 'refused'],
    [[], 'anything 1', 'refused'],
    [undefined, 'anything 1', 'permitted'],
  ] as const)('%j: %s is %s', async (permit, asked, verdict) => {
    expect(await judged(permit, asked)).toBe(verdict)
  })

  test.each([
    ['db'],
    ['db:'],
    [':80'],
    ['db:0'],
    ['db:65536'],
    ['db:http'],
    ['db*:80'],
    ['*.internal:80'],
    ['::1:80'],
    ['[db]:80'],
    ['[::1]'],
    ['a b:80'],
    ['db:80 web:80'],
    [''],
    ['\x1b[2J:80'],
    [7],
    [null],
    [undefined],
    ['any', 'db:80'],
    ['db:80', 'none'],
  ])('of %j is refused before any work, in one printable line', (...permit) => {
    const read = () => readPermit(permit as string[])
    expect(read).toThrow(expect.objectContaining({ name: 'ConfigError', code: 'INVALID_OPTION' }))
    expect(read).toThrow(/^option permit: [ -~]+$/)
  })

  test.each([['db:80'], [{}], [true], [null]])('that is none, but %j, is refused', (permit) => {
    expect(() => readPermit(permit as unknown as Permit)).toThrow(/^option permit: must be a list/)
  })

  test('that is changed later is the same to the forward', async () => {
    const list = ['db:80']
    const check = readPermit(list)
    list[0] = '*:*'
    await expect(check({ host: 'web', port: 80 })).rejects.toThrow('the forward does not permit web:80')
  })
})

describe('a function', () => {
  test('is asked with the destination, and may take its time', async () => {
    const asked: unknown[] = []
    const permit = async (to: unknown) => {
      asked.push(to)
      await Promise.resolve()
      return true
    }
    expect(await judged(permit, 'DB 5432')).toBe('permitted')
    expect(asked).toEqual([{ host: 'DB', port: 5432 }])
  })

  test.each([[false], [undefined], [1], ['yes'], [{}]])('that says %j refuses', async (answer) => {
    expect(await judged((() => answer) as unknown as Permit, 'db 80')).toBe('refused')
  })

  test('that throws or rejects refuses, and its error is the cause', async () => {
    const why = new Error('out of order')
    const throwing = () => {
      throw why
    }
    for (const permit of [throwing, () => Promise.reject(why)]) {
      await expect(readPermit(permit)({ host: 'db', port: 80 })).rejects.toMatchObject({
        code: 'DESTINATION_NOT_PERMITTED',
        cause: why,
      })
    }
  })

  test('that never answers is not waited for when nobody asks any more', async () => {
    const ending = new AbortController()
    const judging = readPermit(() => new Promise(() => {}))({ host: 'db', port: 80 }, ending.signal)
    ending.abort(new Error('gone'))
    await expect(judging).rejects.toThrow('gone')
  })
})
