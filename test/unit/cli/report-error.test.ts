import { expect, it } from 'vitest'
import { exitCodeOf, formatError } from '../../../src/cli/report-error.js'
import {
  AuthError,
  ConfigError,
  ConnectError,
  errorCodes,
  GatewayConflictError,
  type HopRef,
  ProxyCommandError,
  SallyportError,
} from '../../../src/index.js'

const hop: HopRef = { index: 1, count: 2, user: 'ops', host: 'db', port: 22, via: 'gw' }
const quiet = { verbosity: 0 }

it('the message comes first, then each cause that says something new, then the hint', () => {
  const root = new Error('connect ECONNREFUSED 10.0.0.5:22')
  const middle = new Error('could not connect: connect ECONNREFUSED 10.0.0.5:22', { cause: root })
  const error = new ConnectError('CONNECTION_REFUSED', 'no way', { hop, phase: 'dial', cause: middle })
  expect(formatError(error, quiet)).toEqual([
    'sallyport: error: db (hop 2 of 2): no way',
    'cause: could not connect: connect ECONNREFUSED 10.0.0.5:22',
    `hint: ${errorCodes.CONNECTION_REFUSED.remedy}`,
  ])
})

it("an error's own hint beats the remedy of its code", () => {
  const error = new SallyportError('CLOSED', 'gone', { hint: 'do this' })
  expect(formatError(error, quiet)).toEqual(['sallyport: error: gone', 'hint: do this'])
})

it('the members of an aggregate are causes, and a circle of causes ends', () => {
  const members = [new Error('first address'), new Error('second address')]
  const error = new Error('all failed', { cause: new AggregateError(members, 'two tried') })
  expect(formatError(error, quiet)).toEqual([
    'sallyport: error: all failed',
    'cause: two tried',
    'cause: first address',
    'cause: second address',
  ])
  const circle = new Error('round')
  circle.cause = new Error('and', { cause: circle })
  expect(formatError(circle, quiet)).toEqual(['sallyport: error: round', 'cause: and'])
})

it('what was tried to log in and what the server allows are listed', () => {
  const error = new AuthError('AUTH_FAILED', 'no credential was accepted', {
    hop,
    hint: 'h',
    tried: [
      { method: 'publickey', outcome: 'refused', fingerprint: 'SHA256:abc', source: '/k' },
      { method: 'password', outcome: 'skipped', note: 'there is none' },
    ],
    allowed: ['publickey', 'password'],
  })
  expect(formatError(error, quiet)).toEqual([
    'sallyport: error: db (hop 2 of 2): no credential was accepted',
    'tried: publickey SHA256:abc (/k): refused',
    'tried: password: skipped, there is none',
    'allowed: publickey, password',
    'hint: h',
  ])
})

it("a ProxyCommand's last words are shown, indented, and in no other name", () => {
  const error = new ProxyCommandError(
    'exited with status 1',
    { hop, phase: 'dial', hint: 'h' },
    { exitCode: 1, signal: null, stderrTail: 'sallyport: error: forged\n\u001b[31mred\n' },
  )
  expect(formatError(error, quiet)).toEqual([
    'sallyport: error: db (hop 2 of 2): exited with status 1',
    'stderr of the ProxyCommand:',
    '  sallyport: error: forged',
    '  \\x1b[31mred',
    'hint: h',
  ])
})

it('escapes and line feeds of others stay text on one line', () => {
  const lines = formatError(new Error('a\u001b[2J\nsallyport: error: b', { cause: 'c\rd' }), quiet)
  expect(lines).toEqual(['sallyport: error: a\\x1b[2J\\nsallyport: error: b', 'cause: c\\rd'])
})

it('the code is told with -vv alone, and a stack never', () => {
  const error = new SallyportError('CLOSED', 'gone', { hint: 'h' })
  expect(formatError(error, { verbosity: 2 })).toContain('code: CLOSED')
  expect(formatError(error, { verbosity: 1 })).not.toContain('code: CLOSED')
  expect(formatError(error, { verbosity: 2 }).join('\n')).not.toMatch(/\.ts:|at /)
})

it('what cannot be used is 2, everything else 255', () => {
  for (const origin of ['-J', '-o Port', '--config', 'host', 'the port in the host']) {
    expect(exitCodeOf(new ConfigError('INVALID_OPTION', 'bad', { origin }))).toBe(2)
    const problems = [{ origin, message: 'bad' }]
    expect(exitCodeOf(new ConfigError('CONFIG_INVALID', 'bad', { origin, problems }))).toBe(2)
    const others = [...problems, { origin: '~/.ssh/config:3', message: 'bad' }]
    expect(exitCodeOf(new ConfigError('CONFIG_INVALID', 'bad', { origin, problems: others }))).toBe(255)
  }
  for (const origin of ['~/.ssh/config:12', 'SALLYPORT_PORT', 'hosts.yaml: hosts.db.port', undefined]) {
    expect(exitCodeOf(new ConfigError('INVALID_OPTION', 'bad', { origin }))).toBe(255)
  }
  expect(exitCodeOf(new GatewayConflictError('two', ['-J', '-o ProxyCommand'], 'x'))).toBe(2)
  expect(exitCodeOf(new GatewayConflictError('two', ['-J', '~/.ssh/config:1'], 'x'))).toBe(255)
  expect(exitCodeOf(new SallyportError('CLOSED', 'gone'))).toBe(255)
  expect(exitCodeOf(new TypeError('a fault of ours'))).toBe(255)
  expect(exitCodeOf('thrown text')).toBe(255)
})
