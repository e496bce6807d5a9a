import { describe, expect, test } from 'vitest'
import { expandProxyCommand, type TokenValues } from '../../../src/route/proxy-command.js'

const values: TokenValues = {
  hostName: 'db.internal',
  host: 'db',
  port: 2222,
  user: 'ops',
  hostKeyAlias: undefined,
}

describe('the tokens of a ProxyCommand', () => {
  test('are expanded in text for the shell', () => {
    expect(expandProxyCommand('x %h %n %p %r %k 100%%', values, 'test')).toEqual({
      shell: 'x db.internal db 2222 ops db 100%',
    })
  })

  test('are expanded in each word of a list', () => {
    const command = ['nc', '-X%%', '%h', '%p', '%k'] as const
    expect(expandProxyCommand(command, { ...values, hostKeyAlias: 'alias' }, 'test')).toEqual({
      argv: ['nc', '-X%', 'db.internal', '2222', 'alias'],
    })
  })

  test('are not expanded twice', () => {
    expect(expandProxyCommand('%%h %%%h', values, 'test')).toEqual({ shell: '%h %db.internal' })
  })

  test.each(['%z', '%', 'x %C', '%H'])('refuse the unknown %j', (text) => {
    expect(() => expandProxyCommand(text, values, 'option gateway')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_TOKEN', origin: 'option gateway' }),
    )
  })

  test.each(['a b', 'a$b', "a'b", 'a\\b', 'a~b', 'a#b', 'ä', '', '*'])(
    'refuse the value %j in a shell, and take it in a list',
    (user) => {
      const unsafe = { ...values, user }
      expect(() => expandProxyCommand('ssh %r@gw', unsafe, 'test')).toThrow(
        expect.objectContaining({ code: 'UNSAFE_VALUE' }),
      )
      expect(expandProxyCommand(['ssh', '%r'], unsafe, 'test')).toEqual({ argv: ['ssh', user] })
    },
  )

  test('never stand for an option', () => {
    const unsafe = { ...values, hostKeyAlias: '-oProxyCommand=x' }
    for (const command of ['ssh %k', ['ssh', '%k']]) {
      expect(() => expandProxyCommand(command, unsafe, 'test')).toThrow(
        expect.objectContaining({ code: 'UNSAFE_VALUE' }),
      )
    }
  })

  test('do not mind an unsafe value that is not used', () => {
    expect(expandProxyCommand('nc %h %p', { ...values, user: 'Domain User' }, 'test')).toEqual({
      shell: 'nc db.internal 2222',
    })
  })
})
