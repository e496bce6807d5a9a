import { describe, expect, it } from 'vitest'
import {
  AbortError,
  AuthError,
  CommandError,
  ConfigError,
  ConnectError,
  errorCodes,
  formatHop,
  GatewayConflictError,
  type HopRef,
  HostKeyError,
  ProxyCommandError,
  SallyportError,
} from '../../src/index.js'

const only: HopRef = { index: 0, count: 1, user: 'ops', host: 'bastion', port: 22 }
const second: HopRef = { index: 1, count: 3, user: 'jump', host: 'inner-gw', port: 22, via: 'bastion' }
const outcome = {
  command: 'false',
  host: 'db',
  stdout: 'out',
  stderr: 'err',
  exitCode: 1,
  signal: null,
  durationMs: 5,
}
const offered = { type: 'ssh-ed25519', fingerprint: 'SHA256:x' }

const one = {
  SallyportError: new SallyportError('TIMEOUT', 'x', { hop: second }),
  ConfigError: new ConfigError('INVALID_OPTION', 'x', { origin: 'option port' }),
  GatewayConflictError: new GatewayConflictError('x', ['-J', '-o ProxyCommand'], 'give one'),
  ConnectError: new ConnectError('CHANNEL_REFUSED', 'x', { hop: second, phase: 'channel', reason: 1 }),
  ProxyCommandError: new ProxyCommandError(
    'x',
    { hop: second, phase: 'dial' },
    { exitCode: 127, signal: null, stderrTail: 'nc: not found\n' },
  ),
  HostKeyError: new HostKeyError('HOST_KEY_UNKNOWN', 'x', { hop: second, offered }),
  AuthError: new AuthError('AUTH_FAILED', 'x', { hop: second, tried: [], allowed: ['publickey'] }),
  CommandError: new CommandError('COMMAND_FAILED', 'x', outcome, { hop: second }),
  AbortError: new AbortError({ hop: second, cause: 'why' }),
}

describe('an error', () => {
  it('names its hop first, with its place where the route has several', () => {
    expect(formatHop(only)).toBe('bastion')
    expect(formatHop(second)).toBe('inner-gw (hop 2 of 3)')
    expect(one.SallyportError.message).toBe('inner-gw (hop 2 of 3): x')
    expect(new SallyportError('TIMEOUT', 'x', { hop: only }).message).toBe('bastion: x')
    expect(new SallyportError('TIMEOUT', 'x').message).toBe('x')
  })

  it.each(Object.entries(one))(
    '%s has its name, its code, and the root of all as an ancestor',
    (name, error) => {
      expect(error).toBeInstanceOf(SallyportError)
      expect(error.name).toBe(name)
      expect(String(error)).toMatch(`${name}: `)
      expect(errorCodes).toHaveProperty(error.code)
    },
  )

  it('has the cause that it was given, and no empty one', () => {
    const cause = new Error('below')
    expect(new SallyportError('TIMEOUT', 'x', { cause }).cause).toBe(cause)
    expect('cause' in new SallyportError('TIMEOUT', 'x')).toBe(false)
  })

  it.each(Object.entries(one))('%s as JSON has its fields and no stack', (name, error) => {
    const json = JSON.parse(JSON.stringify(error))
    expect(json).toMatchObject({ name, message: error.message, code: error.code })
    expect(json).not.toHaveProperty('stack')
    if (error.hop !== undefined) expect(json.hop).toEqual(error.hop)
  })

  it('says whether the same call may succeed later: only where nothing needs to be changed', () => {
    const retryable = Object.keys(errorCodes).filter(
      (code) => new SallyportError(code as never, 'x').retryable,
    )
    expect(retryable).toEqual(['SERVER_BUSY', 'CONNECTION_LOST', 'FILE_CHANGED', 'CHECKSUM_MISMATCH'])
  })
})

describe('what the kinds of errors have of their own', () => {
  it('is there to be asked for', () => {
    expect(one.ConfigError.origin).toBe('option port')
    expect(one.GatewayConflictError).toMatchObject({
      code: 'GATEWAY_CONFLICT',
      sources: ['-J', '-o ProxyCommand'],
    })
    expect(one.ConnectError).toMatchObject({ reason: 1, phase: 'channel' })
    expect(one.ProxyCommandError).toMatchObject({
      exitCode: 127,
      signal: null,
      stderrTail: 'nc: not found\n',
    })
    expect(one.HostKeyError).toMatchObject({ offered, known: [], phase: 'host-key' })
    expect(one.AuthError).toMatchObject({ tried: [], allowed: ['publickey'], phase: 'authentication' })
  })

  it('is the whole result for a command, beside its message', () => {
    expect(one.CommandError).toMatchObject({
      ...outcome,
      message: 'inner-gw (hop 2 of 3): x',
      phase: 'session',
    })
  })

  it('is the name and code of Node’s own for a call that was aborted', () => {
    expect(one.AbortError).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: 'why' })
  })
})

describe('the table of codes', () => {
  it.each(Object.entries(errorCodes))(
    '%s has a cause and a remedy, each of whole sentences',
    (_, { cause, remedy }) => {
      for (const text of [cause, remedy]) expect(text).toMatch(/^[A-Z][^\n]*\.$/)
    },
  )
})
