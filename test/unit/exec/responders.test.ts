// Programs that ask and are answered; their other side is played here.

import { setImmediate as turn } from 'node:timers/promises'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Responder } from '../../../src/exec/responders.js'
import { run } from '../../../src/exec/run.js'
import { spawn } from '../../../src/exec/spawn.js'
import { type FakeProcess, fakeHop } from './fake-session.js'

/** Says each text and waits a moment; gives what was answered. */
async function dialogue(
  said: readonly (string | readonly ['stderr', string])[],
  responders: readonly Responder[],
): Promise<{ readonly answered: string; readonly result: unknown }> {
  const hop = fakeHop(async (process) => {
    for (const text of said) {
      if (typeof text === 'string') process.stdout.write(text)
      else process.stderr.write(text[1])
      for (let count = 0; count < 5; count++) await turn()
    }
    process.exit(0)
  })
  const result = await run(hop.acquire, 'ask', { responders }).catch((error: unknown) => error)
  expect(hop.counts.leases).toBe(0)
  return { answered: String(hop.process.stdin.read() ?? ''), result }
}

describe('a question', () => {
  test.each<[string, readonly (string | readonly ['stderr', string])[], readonly Responder[], string]>([
    ['is found across pieces', ['Cont', 'inue', '?'], [{ pattern: 'Continue?', response: 'y\n' }], 'y\n'],
    ['is answered once', ['Continue?', ' …', '…'], [{ pattern: 'Continue?', response: 'y\n' }], 'y\n'],
    [
      'may be one of several in a piece, answered in their order',
      ['b? a? b?'],
      [
        { pattern: 'a?', response: 'A' },
        { pattern: /b\?/, response: 'B' },
      ],
      'BAB',
    ],
    ['is found in stderr', [['stderr', 'Pass:']], [{ pattern: /pass:$/i, response: 'p\n' }], 'p\n'],
    [
      'of one output does not go on in the other',
      ['Conti', ['stderr', 'nue?']],
      [{ pattern: 'Continue?', response: 'y' }],
      '',
    ],
    ['is text, not a pattern', ['a+b aab'], [{ pattern: 'a+b', response: '1' }], '1'],
    [
      'is found by g and y patterns each time',
      ['q? ', 'q? ', 'q? '],
      [{ pattern: /q\?/gy, response: '1' }],
      '111',
    ],
    ['begins a line only where one begins', ['xq?', '\nq?'], [{ pattern: /^q\?/m, response: '1' }], '1'],
    ['may come after a lot of output', ['x'.repeat(100_000), 'q?'], [{ pattern: 'q?', response: '1' }], '1'],
  ])('%s', async (_, said, responders, answered) => {
    expect(await dialogue(said, responders)).toMatchObject({ answered, result: { exitCode: 0 } })
  })

  test('is looked for in a long line piece by piece, with turns for everything else', async () => {
    let turns = 0
    const count = (): void => {
      turns += 1
      counting = setImmediate(count)
    }
    let counting = setImmediate(count)
    const said = [`${'x'.repeat(20_000)}Name: `]
    const { answered } = await dialogue(said, [{ pattern: /\S+: $/, response: 'y\n' }])
    clearImmediate(counting)
    expect(answered).toBe('y\n')
    expect(turns).toBeGreaterThan(19)
  })

  test('with an end is not found within what came at once', async () => {
    const lines = 'Name: \n'.repeat(1000)
    expect(await dialogue([lines], [{ pattern: /: $/, response: 'y' }])).toMatchObject({ answered: '' })
  })

  test('is told to a function, anew each time, and the answers keep the order of the questions', async () => {
    const asked: string[] = []
    const responders: readonly Responder[] = [
      {
        pattern: /q(\d)/,
        response: async (question) => {
          asked.push(question)
          if (asked.length === 1) await turn()
          return `${question}!`
        },
      },
    ]
    const { answered } = await dialogue(['q1q2', 'q3'], responders)
    expect(asked).toEqual(['q1', 'q2', 'q3'])
    expect(answered).toBe('q1!q2!q3!')
  })

  test('whose function fails, or gives no text, ends the call with that', async () => {
    const broken = new Error('no keyring')
    const reject = { pattern: 'q', response: () => Promise.reject(broken) }
    expect((await dialogue(['q', 'x'], [reject])).result).toBe(broken)
    const wrong = { pattern: 'q', response: (() => 7) as unknown as () => string }
    expect((await dialogue(['q', 'x'], [wrong])).result).toBeInstanceOf(TypeError)
  })

  test('that comes on and on, with no answer read, ends the call', async () => {
    const { result } = await dialogue(
      ['q'.repeat(900), 'q'.repeat(900)],
      [{ pattern: 'q', response: 'x'.repeat(1000) }],
    )
    expect(result).toMatchObject({ code: 'RESPONSE_REFUSED', message: expect.stringContaining('1000 times') })
  })
})

describe('a response that is not accepted', () => {
  test('is not what came with the question, however much of it', async () => {
    const said = `q?${'\n'.repeat(5000)}no`
    const rule = { pattern: 'q?', response: 'y', failurePattern: 'no' }
    expect(await dialogue([said], [rule])).toMatchObject({ answered: 'y', result: { exitCode: 0 } })
  })

  const responder = { pattern: 'Password: ', response: 'CANARY-1\n', failurePattern: /wrong|denied/ }

  test('ends the command, with its output so far and without the response', async () => {
    const { result } = await dialogue(['Password: ', 'CANARY-1\r\n', 'CANARY-1 is wrong', 'x'], [responder])
    expect(result).toMatchObject({
      name: 'CommandError',
      code: 'RESPONSE_REFUSED',
      message: 'web1: the command did not accept the response: wrong',
      stdout: 'Password: [secret]\r\n[secret] is wrong',
    })
    expect(inspect(result, { depth: 9 }) + JSON.stringify(result)).not.toContain('CANARY')
  })

  test('may be said in the other output, and counts only after a response', async () => {
    expect(await dialogue(['Password: ', ['stderr', 'denied']], [responder])).toMatchObject({
      result: { code: 'RESPONSE_REFUSED' },
    })
    expect(await dialogue(['wrong', ['stderr', 'denied'], 'Password: ', 'right'], [responder])).toMatchObject(
      {
        answered: 'CANARY-1\n',
        result: { exitCode: 0 },
      },
    )
  })

  test('is the error of a running command, too', async () => {
    const hop = fakeHop((process: FakeProcess) => void process.stdout.write('Password: '))
    await using running = await spawn(hop.acquire, 'ask', { responders: [responder] })
    running.stdout.once('data', () => setImmediate(() => hop.process.stdout.write('denied')))
    await expect(running.wait()).rejects.toMatchObject({ code: 'RESPONSE_REFUSED', phase: 'session' })
    expect(hop.process.closes).toBe(1)
  })
})

describe('responders that cannot be', () => {
  test.each<unknown>([
    'x',
    [{ pattern: '', response: 'CANARY' }],
    [{ pattern: /x*/, response: 'CANARY' }],
    [{ pattern: 'x', response: 7 }],
    [{ pattern: 'x', response: 'CANARY', failurePattern: '' }],
    [{ pattern: 'x', response: 'CANARY', sentinel: 'y' }],
  ])('are refused at once: %j', async (responders) => {
    const error = await run(fakeHop().acquire, 'x', { responders } as object).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).not.toContain('CANARY')
  })

  test('stand beside an input, which would have no place', async () => {
    const responders = [{ pattern: 'x', response: 'y' }]
    await expect(run(fakeHop().acquire, 'x', { responders, input: '' })).rejects.toThrow(TypeError)
  })
})
