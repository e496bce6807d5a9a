// What the error of a transfer says when its temporary files could not be removed.

import { describe, expect, test } from 'vitest'
import { AbortError, ConnectError, SallyportError, SftpError } from '../../../src/errors.js'
import { Leftovers, withLeftovers } from '../../../src/files/leftovers.js'

const hop = { index: 0, count: 1, user: 'me', host: 'box', port: 22 }
const hint = '/a/.b.part may be left on the server'

const leftovers = new Leftovers()
leftovers.add('/a/.b.part')

describe('an error with what is left', () => {
  test('is of the same class, with the same fields', () => {
    const refused = new SftpError('SFTP_FAILURE', 'no', { path: '/a/b', status: 4, hop, hint: 'look' })
    const told = withLeftovers(refused, leftovers, hop)
    expect(told).toBeInstanceOf(SftpError)
    expect(told).toMatchObject({
      name: 'SftpError',
      message: refused.message,
      code: 'SFTP_FAILURE',
      path: '/a/b',
      status: 4,
      hop,
      phase: 'session',
      hint: `look; ${hint}`,
      cause: refused,
    })
    expect(refused.hint).toBe('look')
    const lost = new ConnectError('CONNECTION_LOST', 'gone', { hop, phase: 'session', reason: 11 })
    expect(withLeftovers(lost, leftovers, hop)).toBeInstanceOf(ConnectError)
    expect(withLeftovers(lost, leftovers, hop)).toMatchObject({ reason: 11, hint, retryable: lost.retryable })
    const late = new SallyportError('TIMEOUT', 'late')
    expect(withLeftovers(late, leftovers, hop)).toMatchObject({ code: 'TIMEOUT', hop, hint })
  })

  test('is an AbortError with the reason of the signal, when the caller aborted', () => {
    const reason = new RangeError('mine')
    const told = withLeftovers(new AbortError({ cause: reason }), leftovers, hop)
    expect(told).toBeInstanceOf(AbortError)
    expect(told).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', hop, hint, cause: reason })
  })

  test('is itself when nothing is left, or when it is none of ours', () => {
    const error = new AbortError()
    expect(withLeftovers(error, new Leftovers(), hop)).toBe(error)
    const foreign = new RangeError('mine')
    expect(withLeftovers(foreign, leftovers, hop)).toBe(foreign)
  })
})
