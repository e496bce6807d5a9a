// Passwords and questions: real accounts by PAM, rounds of any shape, people who take their time, and who decline.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  Connection,
  type ConnectionOptions,
  type KeyboardInteractiveRound,
  type Question,
} from '../../src/index.js'
import { createNetwork, type Network, type QuestionRound } from '../../src/testing/index.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo, knownHostsFile } from '../support/link-up.js'
import { startOddServer } from '../support/odd-server.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { createUnixUser, type UnixUser } from '../support/unix-user.js'

let user: UnixUser
let byPassword: Sshd
let byQuestions: Sshd
beforeAll(async () => {
  user = await createUnixUser()
  byPassword = await startSshd({ user: user.name, config: ['PasswordAuthentication yes'] })
  byQuestions = await startSshd({
    user: user.name,
    config: ['UsePAM yes', 'KbdInteractiveAuthentication yes'],
  })
})
afterAll(async () => {
  await byPassword.stop()
  await byQuestions.stop()
  await user[Symbol.asyncDispose]()
})

const noKeys = { identityFile: [] } as const
const askOnly = { ...noKeys, preferredAuthentications: ['password'] } as const

describe('a real account', () => {
  leakCheck()

  test('is entered by a password, by a function that is told the hop, and by a person', async () => {
    const hops: unknown[] = []
    const password = async (hop: unknown): Promise<string> => {
      hops.push(hop)
      return user.password
    }
    const questions: Question[] = []
    const ask = async (question: Question): Promise<string> => {
      questions.push(question)
      return user.password
    }
    for (const options of [{ password: user.password }, { password }, { ...askOnly, ask }]) {
      await using connection = connectionTo(byPassword, { ...noKeys, ...options })
      expect(await connection.run('id -un')).toMatchObject({ stdout: `${user.name}\n` })
    }
    expect(byPassword.connections().map(({ method }) => method)).toEqual(Array(3).fill('password'))
    expect(hops).toEqual([
      { index: 0, count: 1, user: user.name, host: byPassword.host, port: byPassword.port, via: undefined },
    ])
    expect(questions).toMatchObject([
      { kind: 'password', text: `${user.name}@${byPassword.host}'s password: `, echo: false },
    ])
  })

  test('is entered by the questions of PAM, by a password, a function and a person', async () => {
    const rounds: KeyboardInteractiveRound[] = []
    const keyboardInteractive = (round: KeyboardInteractiveRound): readonly string[] => {
      rounds.push(round)
      return round.prompts.map(() => user.password)
    }
    const texts: string[] = []
    const ask = async ({ text }: Question): Promise<string> => {
      texts.push(text)
      return user.password
    }
    for (const options of [{ password: user.password }, { keyboardInteractive }, { ask }]) {
      await using connection = connectionTo(byQuestions, { ...noKeys, ...options })
      expect(await connection.run('id -un')).toMatchObject({ stdout: `${user.name}\n` })
    }
    expect(byQuestions.connections().map(({ method }) => method)).toEqual(
      Array(3).fill('keyboard-interactive/pam'),
    )
    expect(rounds[0]).toMatchObject({ hop: { host: byQuestions.host }, prompts: [{ echo: false }] })
    expect(texts).toEqual([`(${user.name}@${byQuestions.host}) Password: `])
  })

  test('is asked for as often as may be mistyped, and no more', async () => {
    const answers = ['wrong', 'wrong again', user.password]
    await using connection = connectionTo(byPassword, { ...askOnly, ask: async () => answers.shift() })
    expect(await connection.run('echo in')).toMatchObject({ stdout: 'in\n' })
    let asked = 0
    await using hopeless = connectionTo(byPassword, {
      ...askOnly,
      numberOfPasswordPrompts: 2,
      ask: async () => `wrong ${++asked}`,
    })
    expect(await failureOf(hopeless.open())).toMatchObject({
      code: 'AUTH_FAILED',
      tried: [
        { method: 'password', outcome: 'refused', source: 'asked' },
        { method: 'password', outcome: 'refused', source: 'asked' },
      ],
    })
    expect(asked).toBe(2)
  })
})

describe('a person', () => {
  leakCheck()

  test.each([
    ['password', () => byPassword],
    ['keyboard-interactive', () => byQuestions],
  ])('may take longer over a %s than the whole authentication may', async (method, sshd) => {
    const ask = (): Promise<string> => sleep(1500, user.password)
    await using connection = connectionTo(sshd(), {
      ...noKeys,
      preferredAuthentications: [method],
      ask,
      authTimeoutMs: 1000,
    })
    const begun = performance.now()
    expect(await connection.run('echo in')).toMatchObject({ stdout: 'in\n' })
    expect(performance.now() - begun).toBeGreaterThanOrEqual(1500)
  })

  test.each<[string, () => Sshd, (answer: () => Promise<string>) => ConnectionOptions]>([
    ['password', () => byPassword, (answer) => ({ password: answer })],
    [
      'keyboardInteractive',
      () => byQuestions,
      (answer) => ({ keyboardInteractive: async () => [await answer()] }),
    ],
  ])(
    'behind a function for %s may take longer than the whole authentication may',
    async (_, sshd, options) => {
      await using connection = connectionTo(sshd(), {
        ...noKeys,
        ...options(() => sleep(1500, user.password)),
        authTimeoutMs: 1000,
      })
      expect(await connection.run('echo in')).toMatchObject({ stdout: 'in\n' })
    },
  )

  test('who has answered leaves the server no more than the rest of its time', async () => {
    await using odd = await startOddServer((offer) => {
      if (offer.method !== 'password') offer.reject(['password'])
    })
    await using connection = new Connection(odd.host, {
      user: 'ops',
      port: odd.port,
      identityAgent: 'none',
      userKnownHostsFile: [knownHostsFile(odd.knownHostsLine)],
      globalKnownHostsFile: [],
      ...askOnly,
      ask: () => sleep(600, 'made up'),
      authTimeoutMs: 400,
    })
    const begun = performance.now()
    expect(await failureOf(connection.open())).toMatchObject({ code: 'TIMEOUT', phase: 'authentication' })
    const took = performance.now() - begun
    expect(took).toBeGreaterThanOrEqual(950)
    expect(took).toBeLessThan(5000)
    await expect.poll(() => odd.live()).toBe(0)
  })

  test('who declines at the inner host ends the attempt and lets the gateway go', async () => {
    await using gatewayHost = await startSshd()
    await using gateway = connectionTo(gatewayHost)
    await using target = connectionTo(byPassword, { ...askOnly, gateway, ask: async () => undefined })
    expect(await failureOf(target.run('true'))).toMatchObject({
      name: 'SallyportError',
      code: 'CANCELLED',
      phase: 'authentication',
      hop: { index: 1, host: byPassword.host, via: gatewayHost.host },
    })
    expect([gateway.state, target.state]).toEqual(['open', 'idle'])
    await gateway.close()
    await expect.poll(() => gatewayHost.sessions()).toEqual([])
    await expect.poll(() => byPassword.sessions()).toEqual([])
  })

  test('is not waited for once the call is aborted, and the question says so', async () => {
    const controller = new AbortController()
    let question: Question | undefined
    const ask = (asked: Question): Promise<string> => {
      question = asked
      setImmediate(() => controller.abort())
      return new Promise(() => {})
    }
    await using connection = connectionTo(byPassword, { ...askOnly, ask })
    expect(await failureOf(connection.open({ signal: controller.signal }))).toMatchObject({
      name: 'AbortError',
      phase: 'authentication',
      hop: { host: byPassword.host },
    })
    expect(question?.signal.aborted).toBe(true)
    await expect.poll(() => byPassword.sessions()).toEqual([])
  })
})

describe('rounds of questions', () => {
  leakCheck()

  async function withRounds(rounds: readonly QuestionRound[], use: (network: Network) => Promise<void>) {
    await using network = await createNetwork({
      hosts: { host: { listen: true, users: { ops: { keyboardInteractive: rounds } } } },
    })
    await use(network)
  }

  test('of five, none and one prompt are answered in their order, with what may be seen', () =>
    withRounds(
      [
        { prompts: [1, 2, 3, 4, 5].map((n) => ({ text: `${n}?`, echo: n % 2 === 0, answer: `a${n}` })) },
        { instructions: 'nothing is asked here', prompts: [] },
        { name: 'token', prompts: [{ text: 'code', answer: 'last' }] },
      ],
      async (network) => {
        const questions: Question[] = []
        const ask = async (question: Question): Promise<string> => {
          questions.push(question)
          return questions.length < 6 ? `a${questions.length}` : 'last'
        }
        await using host = new Connection('ops@host', {
          ...network.settings,
          ...noKeys,
          gateway: network.dialer,
          ask,
        })
        await host.open()
        expect(questions.map(({ text, echo }) => [text, echo])).toEqual([
          ['(ops@host) 1? ', false],
          ['(ops@host) 2? ', true],
          ['(ops@host) 3? ', false],
          ['(ops@host) 4? ', true],
          ['(ops@host) 5? ', false],
          ['(ops@host) token\n(ops@host) code ', false],
        ])
      },
    ))

  test('that nobody can answer are a refusal, which names the hop', () =>
    withRounds(
      [{ prompts: [{ text: 'favourite colour?', echo: true, answer: 'blue' }] }],
      async (network) => {
        await using host = new Connection('ops@host', {
          ...network.settings,
          ...noKeys,
          gateway: network.dialer,
          password: 'made up',
          preferredAuthentications: ['keyboard-interactive'],
        })
        expect(await failureOf(host.open())).toMatchObject({
          name: 'AuthError',
          code: 'AUTH_FAILED',
          phase: 'authentication',
          hop: { host: 'host' },
          tried: [{ method: 'keyboard-interactive', note: expect.stringContaining('nobody can answer') }],
        })
      },
    ))
})
