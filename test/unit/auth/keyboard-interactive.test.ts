// Rounds of questions: who answers them, what a person is shown, and when they are not answered.

import { describe, expect, test } from 'vitest'
import { planAuthentication } from '../../../src/auth/plan.js'
import type { KeyboardInteractiveRound } from '../../../src/config/callbacks.js'
import { AuthError } from '../../../src/errors.js'
import { assertNoCanary, canary } from '../../support/canary.js'
import { leakCheck } from '../../support/leak-check.js'
import { answerOf, essence, first, makeContext, person, refuseAll, refused } from './rig.js'

leakCheck()

describe('keyboard-interactive', () => {
  const preferredAuthentications = ['keyboard-interactive']

  test('a function answers every round, and sees no escape of the server', async () => {
    const rounds: KeyboardInteractiveRound[] = []
    const keyboardInteractive = (round: KeyboardInteractiveRound): readonly string[] => {
      rounds.push(round)
      return round.prompts.map((_, index) => `answer ${index + 1}`)
    }
    const settings = { preferredAuthentications, keyboardInteractive, password: 'unused' }
    const plan = planAuthentication(makeContext({ settings }))
    const answer = answerOf(await plan.next(first))
    expect(await answer(['Password:', false])).toEqual(['answer 1'])
    expect(await answer()).toEqual([])
    const five = Array.from({ length: 5 }, () => ['\x1b[31mCode\r\nfor edge:', true] as const)
    expect(await answer(...five)).toHaveLength(5)
    expect(rounds.map(({ prompts }) => prompts.length)).toEqual([1, 5])
    expect(rounds[1]?.prompts[0]).toEqual({ text: '\\x1b[31mCode\\r\\nfor edge:', echo: true })
    expect(await plan.next(refused())).toBeUndefined()
    plan.close()
  })

  test('the password answers the first hidden question, once; a person the rest', async () => {
    const { ask, questions } = person('123456', 'typed')
    const settings = { preferredAuthentications, password: 'secret' }
    const plan = planAuthentication(makeContext({ ask, settings }))
    const answer = answerOf(await plan.next(first))
    expect(await answer(['Password: ', false])).toEqual(['secret'])
    expect(await answer(['Verification code: ', true])).toEqual(['123456'])
    const again = answerOf(await plan.next(refused()))
    expect(await again(['Password: ', false])).toEqual(['typed'])
    expect(questions.map(({ text, echo }) => [text, echo])).toEqual([
      ['(ops@edge (hop 1 of 2)) Verification code: ', true],
      ['(ops@edge (hop 1 of 2)) Password: ', false],
    ])
    plan.close()
  })

  test.each([
    ['is shown while typed', [['Login: ', true]]],
    [
      'is one of two',
      [
        ['Password: ', false],
        ['Code: ', false],
      ],
    ],
  ] as const)('the password does not answer a question that %s', async (_name, prompts) => {
    const settings = { preferredAuthentications, password: canary() }
    const plan = planAuthentication(makeContext({ settings }))
    const error = await answerOf(await plan.next(first))(...prompts).catch((problem: unknown) => problem)
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({
      tried: [{ method: 'keyboard-interactive', note: /nobody can answer/, source: 'option password' }],
    })
    assertNoCanary(error)
    plan.close()
  })

  test('every line of a question begins with the hop', async () => {
    const { ask, questions } = person('answer')
    const plan = planAuthentication(makeContext({ ask, settings: { preferredAuthentications } }))
    const attempt = await plan.next(first)
    if (attempt?.method !== 'keyboard-interactive') throw new Error('no questions')
    const round = {
      name: 'Two factors',
      instructions: 'Look at\nyour phone',
      prompts: [{ text: 'Code:', echo: true }],
    }
    await attempt.answer(round)
    const label = '(ops@edge (hop 1 of 2))'
    expect(questions[0]?.text).toBe(`${label} Two factors\n${label} Look at\\nyour phone\n${label} Code: `)
    plan.close()
  })

  test('a person may try again, but not a server that asks nothing', async () => {
    const { ask } = person('a', 'b', 'c', 'd')
    const settings = { preferredAuthentications, numberOfPasswordPrompts: 3 }
    const plan = planAuthentication(makeContext({ ask, settings }))
    await answerOf(await plan.next(first))(['Code:', false])
    expect(essence(await plan.next(refused()))).toBe('keyboard-interactive')
    expect(await plan.next(refused())).toBeUndefined()
    plan.close()
  })

  test('without anyone to answer it is not offered', async () => {
    const plan = planAuthentication(makeContext({ settings: { preferredAuthentications } }))
    expect((await refuseAll(plan)).map(essence)).toEqual(['none'])
    plan.close()
  })

  test('a function that declines cancels, one that miscounts is a mistake', async () => {
    for (const [answers, code] of [
      [undefined, 'CANCELLED'],
      [['a', 'b'], 'INVALID_OPTION'],
    ] as const) {
      const settings = { preferredAuthentications, keyboardInteractive: () => answers }
      const plan = planAuthentication(makeContext({ settings }))
      await expect(answerOf(await plan.next(first))(['Code:', true])).rejects.toMatchObject({ code })
      plan.close()
    }
  })
})
