// Which algorithms keys sign with when they log in: those that both sides accept, and no others.

import { expect, test } from 'vitest'
import { SallyportError } from '../../../src/errors.js'
import { loginAlgorithms } from '../../../src/wire/public-key.js'
import { Authentication } from '../../../src/wire/ssh2-authentication.js'
import type { AuthHandlers } from '../../../src/wire/ssh2-engine.js'
import { toSsh2Agent } from '../../../src/wire/ssh2-keys.js'
import type { AuthState, HandshakePlan, SigningKey } from '../../../src/wire/wire.js'

const key: SigningKey = {
  type: 'ssh-rsa',
  fingerprint: 'SHA256:x',
  comment: '',
  blob: Buffer.from('blob'),
  sign: async () => {
    throw new Error('was to sign')
  },
}

/** The authentication of a plan that offers the key once, with what it tells the engine and what it is told. */
function begin(userKey: readonly string[] | undefined) {
  const states: AuthState[] = []
  const extensions: unknown[] = []
  const failures: SallyportError[] = []
  const plan = {
    algorithms: { userKey },
    user: 'ops',
    nextAuthAttempt: async (state: AuthState) => {
      states.push(state)
      return states.length === 1 ? { method: 'publickey', key } : undefined
    },
    authFailed: () => new SallyportError('AUTH_FAILED', 'nothing left'),
  } as unknown as HandshakePlan
  const handlers = {
    EXT_INFO: (_protocol: unknown, given: readonly unknown[]) => extensions.push(...given),
  } as unknown as AuthHandlers
  const authentication = new Authentication(plan, (error) => failures.push(error))
  authentication.watch({ _protocol: { _handlers: handlers } } as never)
  const next = () => new Promise((resolve) => authentication.handler(undefined, undefined, resolve))
  return { states, extensions, failures, handlers, next, authentication }
}

test('the engine hears of no algorithm of the server that is not accepted here', () => {
  const { handlers, extensions } = begin(['rsa-sha2-512'])
  handlers.EXT_INFO(undefined, [
    { name: 'server-sig-algs', algs: ['rsa-sha2-256', 'rsa-sha2-512', 'ssh-rsa'] },
    { name: 'no-flow-control' },
  ])
  expect(extensions).toEqual([
    { name: 'server-sig-algs', algs: ['rsa-sha2-512'] },
    { name: 'no-flow-control' },
  ])
})

test('without a list, it hears of all that keys can sign with', () => {
  const { handlers, extensions } = begin(undefined)
  handlers.EXT_INFO(undefined, [{ name: 'server-sig-algs', algs: [...loginAlgorithms, 'webauthn'] }])
  expect(extensions).toEqual([{ name: 'server-sig-algs', algs: loginAlgorithms }])
})

test('a key that the engine passes over without asking the server has failed for that reason', async () => {
  const { states, failures, next, authentication } = begin(['rsa-sha2-512'])
  await next()
  authentication.handler(undefined, undefined, () => {})
  await expect.poll(() => failures).toHaveLength(1)
  expect(states[1]).toMatchObject({
    last: 'failed locally',
    problem: { code: 'IDENTITY_UNUSABLE', message: expect.stringContaining('takes none of the algorithms') },
  })
})

test('an old server that names no algorithms gets no signature by SHA-1 that was not accepted', async () => {
  const agent = toSsh2Agent(key, ['rsa-sha2-512'])
  const error = await new Promise<unknown>((resolve) =>
    agent.sign(key.blob, Buffer.from('data'), { hash: 'sha1' } as never, (failure) => resolve(failure)),
  )
  expect(error).toMatchObject({
    cause: { code: 'IDENTITY_UNUSABLE', message: expect.stringContaining('ssh-rsa') },
  })
})
