// Which of Node's codes stands for which of ours.

import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../../src/error-codes.js'
import { ConnectError, SallyportError } from '../../../src/errors.js'
import { connectError, SocketError } from '../../../src/socket/socket-error.js'
import { hop } from '../exec/fake-session.js'

const to = { host: 'db', port: 5432 }
const failed = (cause: Error) =>
  new ConnectError('CONNECTION_FAILED', 'could not', { hop, phase: 'channel', cause })

describe('the error of a socket that could not be opened', () => {
  it.each<[ErrorCode, string]>([
    ['CONNECTION_REFUSED', 'ECONNREFUSED'],
    ['TIMEOUT', 'ETIMEDOUT'],
    ['NAME_NOT_FOUND', 'ENOTFOUND'],
    ['FORWARD_PROHIBITED', 'EACCES'],
    ['AUTH_FAILED', 'EACCES'],
    ['HOST_KEY_CHANGED', 'EACCES'],
    ['PROTOCOL_ERROR', 'EPROTO'],
    ['CONNECTION_LOST', 'ECONNRESET'],
    ['CLOSED', 'ECONNABORTED'],
    ['CONFIG_INVALID', 'EINVAL'],
    ['PROXY_COMMAND_FAILED', 'EHOSTUNREACH'],
  ])('%s is %s, with a number', (ours, code) => {
    const cause = new SallyportError(ours, 'no', { hop })
    const error = connectError(cause, { to, far: true })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'SocketError', code, cause })
    expect(error.errno).toBeLessThan(0)
  })

  it.each([
    ['No route to host', 'EHOSTUNREACH'],
    ['Network is unreachable', 'ENETUNREACH'],
    ['Connection timed out', 'ETIMEDOUT'],
    ['No such file or directory', 'ENOENT'],
    ['Permission denied', 'EACCES'],
    ['something else', 'EHOSTUNREACH'],
  ])('follows the server’s words: %s', (text, code) => {
    expect(connectError(failed(new Error(text)), { to, far: true })).toMatchObject({
      ...{ code, syscall: 'connect', address: 'db', port: 5432 },
    })
  })

  it('follows the code of the system, where one is the cause', () => {
    const cause = Object.assign(new Error('x'), { code: 'ENETDOWN' })
    expect(connectError(failed(cause), { to, far: false }).code).toBe('ENETDOWN')
    expect(connectError(cause, { to, far: false }).code).toBe('ENETDOWN')
    expect(connectError('odd', { to, far: false }).code).toBe('EHOSTUNREACH')
  })

  it('has the name that was not found: of the address, or of the hop on the way', () => {
    const cause = new ConnectError('NAME_NOT_FOUND', 'unknown', { hop, phase: 'dial' })
    expect(connectError(cause, { to, far: true })).toMatchObject({
      ...{
        syscall: 'getaddrinfo',
        hostname: 'db',
        errno: -3008,
        message: 'getaddrinfo ENOTFOUND db: web1: unknown',
      },
    })
    expect(connectError(cause, { to, far: false })).toMatchObject({ hostname: 'web1' })
  })

  it('names the path of a unix socket, and has no more fields than it can fill', () => {
    const error = connectError(failed(new Error('open failed')), { to: { path: '/run/x' }, far: true })
    expect({ ...error }).toEqual({
      ...{ name: 'SocketError', code: 'ECONNREFUSED', errno: -111, syscall: 'connect', address: '/run/x' },
    })
    expect(new SocketError('EPIPE', { syscall: 'write', cause: undefined }).message).toBe('write EPIPE')
  })
})
