import { expect, test } from 'vitest'
import { abortError } from '../../src/aborted.js'
import { AbortError, ConnectError, type HopRef, SallyportError } from '../../src/errors.js'

const hop: HopRef = { index: 0, count: 1, user: 'me', host: 'here', port: 22 }
const there: HopRef = { ...hop, host: 'there' }
const where = { hop, phase: 'dial' } as const

test('a caller’s own reason is the cause of an AbortError, which says where the call stood', () => {
  for (const reason of ['enough', undefined, new Error('enough')]) {
    const error = abortError(reason, where)
    expect(error).toBeInstanceOf(AbortError)
    expect(error).toMatchObject({ code: 'ABORT_ERR', ...where })
    expect(error.cause).toBe(reason)
  }
})

test('an error that knows its hop passes as it is', () => {
  const limit = new ConnectError('TIMEOUT', 'no answer', { hop: there, phase: 'version' })
  expect(abortError(limit, where)).toBe(limit)
  const aborted = new AbortError({ hop: there, phase: 'channel' })
  expect(abortError(aborted, where)).toBe(aborted)
})

test('an error that does not is told where the call stood, and keeps its code and its cause', () => {
  const aborted = abortError(new AbortError({ cause: 'enough' }), where)
  expect(aborted).toMatchObject({ name: 'AbortError', ...where, cause: 'enough' })
  const reason = new SallyportError('OUTPUT_LIMIT', 'too much')
  expect(abortError(reason, where)).toMatchObject({ code: 'OUTPUT_LIMIT', ...where, cause: reason })
})
