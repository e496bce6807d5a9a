// Servers that flood, that send terminal escapes, and that ask without end.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { Connection, type ConnectionOptions, type WarningEvent } from '../../src/index.js'
import { leakCheck } from '../support/leak-check.js'
import { knownHostsFile } from '../support/link-up.js'
import { type OddLogin, type OddServer, startOddServer } from '../support/odd-server.js'
import { bundleLibrary, type StartProgram } from '../support/program.js'

const disconnect = 1
const banner = 53
const passwordChange = 60
const escapes = 'a\x1b[2J\x1b]0;title\x07\x9b1A\rroot@host:~# \u202egnp.exe\x7f'
/** A C0 other than line feed and tab, DEL, C1, or an override of the direction of text. */
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

let start: StartProgram
beforeAll(async () => {
  start = await bundleLibrary()
})

function connectionTo(server: OddServer, options: ConnectionOptions = {}): Connection {
  return new Connection(server.host, {
    user: 'ops',
    port: server.port,
    identityFile: [],
    identityAgent: 'none',
    userKnownHostsFile: [knownHostsFile(server.knownHostsLine)],
    globalKnownHostsFile: [],
    ...options,
  })
}

/** The error of opening a connection to a server that logs in as the script says. */
async function failureOf(login: OddLogin, options: ConnectionOptions): Promise<Error> {
  await using server = await startOddServer(login)
  await using connection = connectionTo(server, options)
  const error = await connection.open().then(
    () => new Error('it opened'),
    (reason: Error) => reason,
  )
  await expect.poll(() => server.live()).toBe(0)
  return error
}

/** The error as Node shows one that nobody caught: with the stacks of all of its causes. */
const shown = (error: Error): string => inspect(error).replaceAll('\n', '')

async function warningsDuring(work: () => Promise<unknown>): Promise<readonly string[]> {
  const messages: string[] = []
  const listen = (event: unknown): void => void messages.push((event as WarningEvent).message)
  subscribe('sallyport:warning', listen)
  try {
    await work()
  } finally {
    unsubscribe('sallyport:warning', listen)
  }
  return messages
}

describe('a server that floods', () => {
  leakCheck()

  test('with banners is told of up to 64 KiB, and may still let the user in', async () => {
    await using server = await startOddServer((offer, peer) => {
      for (let count = 0; count < 1000; count++) peer.send(banner, 'x'.repeat(10_000), '')
      offer.accept()
    })
    await using connection = connectionTo(server, { password: 'made up' })
    const messages = await warningsDuring(() => connection.open())
    const text = messages.join('')
    expect(text).toContain('xxx')
    expect(text.length).toBeLessThanOrEqual(65_536 + messages.length * 20)
    expect(connection.state).toBe('open')
  })

  test('with empty banners causes no flood of warnings', async () => {
    await using server = await startOddServer((offer, peer) => {
      for (let count = 0; count < 20_000; count++) peer.send(banner, '', '')
      offer.accept()
    })
    await using connection = connectionTo(server, { password: 'made up' })
    const messages = await warningsDuring(() => connection.open())
    expect(messages).toEqual([])
  })

  test('with a goodbye without end is quoted in short', async () => {
    const error = await failureOf(
      (_offer, peer) => {
        peer.send(disconnect, 2, 'x'.repeat(30_000), '')
        peer.connection.end()
      },
      { password: 'made up' },
    )
    expect(error).toMatchObject({ code: 'SERVER_REFUSED', reason: 2, phase: 'authentication' })
    expect(error.message.length).toBeLessThan(1200)
  })

  test.each([
    ['with prompts', 1],
    ['without prompts', 0],
  ])('with rounds of questions %s is dropped after twenty', async (_name, prompts) => {
    let rounds = 0
    const error = await failureOf(
      (offer) => {
        if (offer.method !== 'keyboard-interactive') return offer.reject(['keyboard-interactive'])
        const again = (): void => {
          rounds += 1
          const questions = Array.from({ length: prompts }, () => ({ prompt: 'code: ', echo: true }))
          offer.prompt(questions, 'again', 'and again', again)
        }
        again()
      },
      {
        keyboardInteractive: ({ prompts }) => prompts.map(() => '1'),
        preferredAuthentications: ['keyboard-interactive'],
      },
    )
    expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', phase: 'authentication', hop: { user: 'ops' } })
    expect(error.message).toContain('more than 20 rounds of questions')
    // The twenty-first was asked, and not answered.
    expect(rounds).toBe(21)
  })

  test('with methods without end is quoted in short', async () => {
    const error = await failureOf((offer) => offer.reject(['x'.repeat(20_000), 'y'.repeat(5000)] as never), {
      password: 'made up',
    })
    expect(error).toMatchObject({ code: 'AUTH_FAILED' })
    expect(error.message.length).toBeLessThan(1200)
  })
})

describe('terminal escapes of a server are made visible', () => {
  leakCheck()

  test('in its banner', async () => {
    const messages = await warningsDuring(() =>
      failureOf(
        (offer, peer) => {
          peer.send(banner, `${escapes}\nsecond line\n`, '')
          offer.reject()
        },
        { password: 'made up' },
      ),
    )
    expect(messages.join()).toContain('a\\x1b[2J\\x1b]0;title\\x07\\x9b1A\\rroot@host:~# \\u202egnp.exe\\x7f')
    expect(messages.join()).not.toMatch(unsafe)
  })

  test('in its banner, of which no line can pass for one of our debugging output', async () => {
    await using server = await startOddServer((offer, peer) => {
      peer.send(banner, 'hello\nSALLYPORT 1: forged\r\nSALLYPORT 2: forged', '')
      offer.accept()
    })
    const { host, port } = server
    const options = {
      user: 'ops',
      port,
      password: 'made up',
      userKnownHostsFile: [knownHostsFile(server.knownHostsLine)],
    }
    await using program = start('await (await connect(given.host, given.options)).close()', {
      given: { host, options },
      env: { NODE_DEBUG: 'sallyport' },
    })
    expect(await program.ended).toEqual({ code: 0, signal: null })
    const lines = program.stderr.lines().map(({ text }) => text)
    expect(lines.filter((line) => line.includes('forged'))).toHaveLength(2)
    expect(lines.filter((line) => /^SALLYPORT.*forged/.test(line))).toEqual([])
  })

  test('in its goodbye', async () => {
    const error = await failureOf(
      (_offer, peer) => {
        peer.send(disconnect, 11, escapes, '')
        peer.connection.end()
      },
      { password: 'made up' },
    )
    expect(error.message).toContain('a\\x1b[2J')
    expect(shown(error)).not.toMatch(unsafe)
  })

  test('in the names of its methods', async () => {
    const error = await failureOf((offer) => offer.reject([escapes] as never), { password: 'made up' })
    expect(error.message).toContain('a\\x1b[2J')
    expect(shown(error)).not.toMatch(unsafe)
  })

  test('in the demand to change a password, which is an error of its own', async () => {
    const error = await failureOf((_offer, peer) => peer.send(passwordChange, escapes, ''), {
      password: 'made up',
      preferredAuthentications: ['password'],
    })
    expect(error).toMatchObject({
      name: 'AuthError',
      code: 'PASSWORD_CHANGE_REQUIRED',
      phase: 'authentication',
      tried: [{ method: 'password', source: 'option password' }],
    })
    expect(error.message).toContain('a\\x1b[2J')
    expect(shown(error)).not.toMatch(unsafe)
  })

  test('in its questions, whoever is asked', async () => {
    const login: OddLogin = (offer) => {
      if (offer.method !== 'keyboard-interactive') return offer.reject(['keyboard-interactive'])
      offer.prompt([{ prompt: escapes, echo: false }], escapes, `${escapes}\nline`, () => offer.reject())
    }
    const shown: string[] = []
    await failureOf(login, {
      keyboardInteractive: (round) => {
        shown.push(round.name, round.instructions, ...round.prompts.map(({ text }) => text))
        return ['1']
      },
    })
    await failureOf(login, {
      ask: async ({ text }) => {
        shown.push(text)
        return '1'
      },
      numberOfPasswordPrompts: 1,
    })
    expect(shown).toHaveLength(4)
    for (const text of shown) expect(text).not.toMatch(unsafe)
  })
})
