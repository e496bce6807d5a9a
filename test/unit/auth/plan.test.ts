// The order of the methods, partial success and passwords, with a server that is played by hand.

import { describe, expect, test } from 'vitest'
import { planAuthentication } from '../../../src/auth/plan.js'
import { SallyportError } from '../../../src/errors.js'
import { assertNoCanary, canary } from '../../support/canary.js'
import { keyPair } from '../../support/keys.js'
import { leakCheck } from '../../support/leak-check.js'
import { all, essence, first, gateway, makeContext, partial, person, refuseAll, refused } from './rig.js'

leakCheck()

describe('the order', () => {
  test('there is no none probe first: keys, questions, passwords', async () => {
    const key = await keyPair('a')
    const settings = { identityFile: [key.file], password: 'secret' }
    const plan = planAuthentication(makeContext({ settings }))
    expect((await refuseAll(plan)).map(essence)).toEqual([
      key.fingerprint,
      'keyboard-interactive',
      'password secret',
    ])
    plan.close()
  })

  test('preferredAuthentications is the order, and what it leaves out is not used', async () => {
    const key = await keyPair('a')
    const preferredAuthentications = ['password', 'publickey']
    const settings = { identityFile: [key.file], password: 'secret', preferredAuthentications }
    const plan = planAuthentication(makeContext({ settings }))
    expect((await refuseAll(plan)).map(essence)).toEqual(['password secret', key.fingerprint])
    plan.close()
  })

  test('what the server does not allow is not offered any more', async () => {
    const [a, b] = [await keyPair('a'), await keyPair('b')]
    const plan = planAuthentication(
      makeContext({ settings: { identityFile: [a.file, b.file], password: 'secret' } }),
    )
    expect((await refuseAll(plan, ['password'])).map(essence)).toEqual([a.fingerprint, 'password secret'])
    plan.close()
  })

  test('with nothing to offer, none is offered once, to learn what the server would allow', async () => {
    const plan = planAuthentication(makeContext())
    expect((await refuseAll(plan)).map(essence)).toEqual(['none'])
    expect(plan.failed(refused())).toMatchObject({ code: 'AUTH_FAILED', allowed: all })
    plan.close()
  })
})

describe('partial success', () => {
  test('a key, then a password, as the server demands', async () => {
    const [a, b] = [await keyPair('a'), await keyPair('b')]
    const plan = planAuthentication(
      makeContext({ settings: { identityFile: [a.file, b.file], password: 'secret' } }),
    )
    expect(essence(await plan.next(first))).toBe(a.fingerprint)
    expect(essence(await plan.next(refused(['publickey'])))).toBe(b.fingerprint)
    expect(essence(await plan.next(partial(['password'])))).toBe('password secret')
    expect(await plan.next(refused(['password']))).toBeUndefined()
    expect(plan.failed(refused(['password'])).tried.map(({ method, outcome }) => [method, outcome])).toEqual([
      ['publickey', 'refused'],
      ['publickey', 'partial success'],
      ['password', 'refused'],
    ])
    plan.close()
  })

  test('two different keys: the accepted one is not offered again, the refused one is', async () => {
    const [a, b] = [await keyPair('a'), await keyPair('b')]
    const plan = planAuthentication(makeContext({ settings: { identityFile: [a.file, b.file] } }))
    expect(essence(await plan.next(first))).toBe(a.fingerprint)
    expect(essence(await plan.next(refused(['publickey'])))).toBe(b.fingerprint)
    expect(essence(await plan.next(partial(['publickey'])))).toBe(a.fingerprint)
    expect(await plan.next(refused(['publickey']))).toBeUndefined()
    plan.close()
  })

  test('a password that came too early is offered again after the key', async () => {
    const key = await keyPair('a')
    const preferredAuthentications = ['password', 'publickey']
    const settings = { identityFile: [key.file], password: 'secret', preferredAuthentications }
    const plan = planAuthentication(makeContext({ settings }))
    expect(essence(await plan.next(first))).toBe('password secret')
    expect(essence(await plan.next(refused(['publickey'])))).toBe(key.fingerprint)
    expect(essence(await plan.next(partial(['password'])))).toBe('password secret')
    plan.close()
  })

  test('a typed password that was a part is followed by a new question, and the answer is used', async () => {
    const { ask } = person('one', 'two')
    const plan = planAuthentication(
      makeContext({ ask, settings: { preferredAuthentications: ['password'] } }),
    )
    expect(essence(await plan.next(first))).toBe('password one')
    expect(essence(await plan.next(partial(['password'])))).toBe('password two')
    plan.close()
  })
})

describe('passwords', () => {
  const preferredAuthentications = ['password']

  test('the one of the settings, then as many as may be typed; the question names the hop', async () => {
    const { ask, questions } = person('b', 'c', 'd', 'e')
    const settings = { preferredAuthentications, password: 'a', numberOfPasswordPrompts: 2 }
    const plan = planAuthentication(makeContext({ ask, settings }))
    expect((await refuseAll(plan)).map(essence)).toEqual(['password a', 'password b', 'password c'])
    expect(questions[0]).toMatchObject({
      kind: 'password',
      text: "ops@edge (hop 1 of 2)'s password: ",
      echo: false,
      hop: gateway,
    })
    plan.close()
  })

  test('a direct connection is named without a position', async () => {
    const { ask, questions } = person('a')
    const hop = { ...gateway, count: 1 }
    const plan = planAuthentication(makeContext({ ask, hop, settings: { preferredAuthentications } }))
    await plan.next(first)
    expect(questions[0]?.text).toBe("ops@edge's password: ")
    plan.close()
  })

  test('a function is told the hop, and is not called before it is needed', async () => {
    const told: unknown[] = []
    const password = (hop: unknown): string => {
      told.push(hop)
      return 'secret'
    }
    const key = await keyPair('a')
    const settings = {
      identityFile: [key.file],
      password,
      preferredAuthentications: ['publickey', 'password'],
    }
    const plan = planAuthentication(makeContext({ settings }))
    await plan.next(first)
    expect(told).toEqual([])
    expect(essence(await plan.next(refused()))).toBe('password secret')
    expect(told).toEqual([gateway])
    plan.close()
  })

  test('a function that has none, and one that fails, lead on', async () => {
    const failing = (): never => {
      throw new Error('the vault is down')
    }
    const plan = planAuthentication(
      makeContext({ settings: { preferredAuthentications, password: failing } }),
    )
    expect((await refuseAll(plan)).map(essence)).toEqual(['none'])
    expect(plan.failed(refused())).toMatchObject({
      cause: { message: 'the vault is down' },
      tried: [{ source: 'option password', note: 'the password function failed' }, { method: 'none' }],
    })
    plan.close()
    const without = planAuthentication(
      makeContext({ settings: { preferredAuthentications, password: () => undefined } }),
    )
    expect((await refuseAll(without)).map(essence)).toEqual(['none'])
    without.close()
  })

  test('a person who declines ends the plan', async () => {
    const plan = planAuthentication(
      makeContext({ ask: person().ask, settings: { preferredAuthentications } }),
    )
    await expect(plan.next(first)).rejects.toMatchObject({ code: 'CANCELLED', hop: gateway })
    plan.close()
  })

  test('a question that cannot be asked ends the plan, with the cause', async () => {
    const broken = new Error('no terminal')
    const ask = (): Promise<never> => Promise.reject(broken)
    const plan = planAuthentication(makeContext({ ask, settings: { preferredAuthentications } }))
    await expect(plan.next(first)).rejects.toMatchObject({ code: 'CANCELLED', cause: broken })
    plan.close()
  })

  test('a host whose key has changed gets neither a password nor an answer', async () => {
    const { ask, questions } = person('typed')
    const settings = { password: canary(), keyboardInteractive: () => ['answer'] }
    const plan = planAuthentication(makeContext({ ask, settings, secretsAllowed: () => false }))
    expect((await refuseAll(plan)).map(essence)).toEqual(['none'])
    expect(questions).toEqual([])
    expect(plan.failed(refused()).tried[0]).toMatchObject({ outcome: 'skipped', note: /host key/ })
    plan.close()
  })
})

describe('the end', () => {
  const hanging = (): Promise<never> => new Promise(() => undefined)

  test.each([
    ['a person', { ask: hanging }],
    ['a function', { settings: { password: hanging } }],
  ])('aborting does not wait for %s', async (_name, options) => {
    const abort = new AbortController()
    const settings = {
      preferredAuthentications: ['password'],
      ...('settings' in options ? options.settings : {}),
    }
    const plan = planAuthentication(makeContext({ ...options, settings, signal: abort.signal }))
    const next = plan.next(first)
    abort.abort(new SallyportError('TIMEOUT', 'took too long'))
    await expect(next).rejects.toMatchObject({ code: 'TIMEOUT' })
    await expect(plan.next(first)).rejects.toMatchObject({ code: 'TIMEOUT' })
    plan.close()
  })

  test('closing ends the question and is idempotent', async () => {
    let signal: AbortSignal | undefined
    const ask = (question: { readonly signal: AbortSignal }): Promise<never> => {
      signal = question.signal
      return hanging()
    }
    const plan = planAuthentication(
      makeContext({ ask, settings: { preferredAuthentications: ['password'] } }),
    )
    const next = plan.next(first)
    plan.close()
    plan.close()
    await expect(next).rejects.toMatchObject({ code: 'CLOSED' })
    expect(signal?.aborted ?? true).toBe(true)
  })
})

describe('what is told', () => {
  test('the last attempt, which is the one that was accepted', async () => {
    const key = await keyPair('a')
    const plan = planAuthentication(
      makeContext({ settings: { identityFile: [key.file], password: 'secret' } }),
    )
    expect(plan.accepted()).toBeUndefined()
    await plan.next(first)
    expect(plan.accepted()).toBe(`publickey ${key.fingerprint} (${key.file})`)
    await plan.next(refused(['password']))
    expect(plan.accepted()).toBe('password (option password)')
    plan.close()
  })

  test('every credential in its order, the last one with what the caller knows of it', async () => {
    const key = await keyPair('a')
    const plan = planAuthentication(
      makeContext({ settings: { identityFile: [key.file], password: 'secret' } }),
    )
    expect(plan.credentials('unanswered')).toEqual([])
    await plan.next(first)
    const offered = { method: 'publickey', fingerprint: key.fingerprint, source: key.file }
    expect(plan.credentials('unanswered')).toEqual([{ ...offered, outcome: 'unanswered' }])
    await plan.next(refused(['password']))
    expect(plan.credentials('accepted')).toEqual([
      { ...offered, outcome: 'refused' },
      { method: 'password', source: 'option password', outcome: 'accepted' },
    ])
    plan.close()
  })

  test('the error has the hop, everything that was tried, and what the server allows, in one line', async () => {
    const key = await keyPair('a')
    const secret = canary()
    const settings = { identityFile: [key.file], password: secret }
    const plan = planAuthentication(makeContext({ settings }))
    await refuseAll(plan, ['password', 'gss\x1bapi'])
    const error = plan.failed(refused(['password', 'gss\x1bapi']))
    expect(error.message).toBe(
      `edge (hop 1 of 2): permission denied: publickey ${key.fingerprint} (${key.file}) refused; ` +
        'password (option password) refused; the server allows password, gss\\x1bapi',
    )
    expect(error).toMatchObject({ code: 'AUTH_FAILED', phase: 'authentication', hop: gateway })
    assertNoCanary(error)
    assertNoCanary(JSON.stringify(error))
    plan.close()
  })

  test('an attempt over which the server hung up is among what was tried', async () => {
    const key = await keyPair('a')
    const plan = planAuthentication(makeContext({ settings: { identityFile: [key.file] } }))
    await plan.next(first)
    expect(plan.failed(first).tried).toEqual([
      expect.objectContaining({
        fingerprint: key.fingerprint,
        outcome: 'refused',
        note: 'the server ended the connection',
      }),
    ])
    plan.close()
  })
})
