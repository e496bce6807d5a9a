import { expect, it } from 'vitest'
import { optionKeywords, parseOption } from '../../../src/config/ssh-option.js'
import { ConfigError } from '../../../src/errors.js'

it('a keyword and its text become one setting, in its own type', () => {
  expect(parseOption('Port', '2200')).toEqual({ port: 2200 })
  expect(parseOption('ConnectTimeout', '1m30')).toEqual({ connectTimeoutMs: 90_000 })
  expect(parseOption('UserKnownHostsFile', '/a /b')).toEqual({ userKnownHostsFile: ['/a', '/b'] })
  expect(parseOption('HashKnownHosts', 'yes')).toEqual({ hashKnownHosts: true })
  expect(parseOption('MACs', 'x,y')).toEqual({ macs: ['x', 'y'] })
})

it('the case of the keyword does not matter', () => {
  expect(parseOption('sTRICThOSTkEYcHECKING', 'accept-new')).toEqual({ strictHostKeyChecking: 'accept-new' })
  expect(parseOption('proxycommand', 'nc %h %p')).toEqual({ proxyCommand: 'nc %h %p' })
  expect(parseOption('PROXYJUMP', 'a,b')).toEqual({ proxyJump: 'a,b' })
})

it('every listed keyword is known, and none but those', () => {
  for (const keyword of optionKeywords) {
    const attempt = () => parseOption(keyword, '?')
    try {
      attempt()
    } catch (error) {
      expect(error).toMatchObject({ code: 'INVALID_OPTION', origin: `-o ${keyword}` })
    }
  }
  expect(optionKeywords).toContain('StrictHostKeyChecking')
  expect(optionKeywords).toContain('ProxyJump')
})

it.each(['EscapeChar', 'Host', 'Match', '', 'toString', '__proto__', 'password'])(
  '%j is refused, with what is supported',
  (keyword) => {
    const attempt = () => parseOption(keyword, 'yes')
    expect(attempt).toThrow(ConfigError)
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_OPTION', hint: expect.stringContaining('IdentityFile') }),
    )
  },
)

it('messages name the option as it was written', () => {
  expect(() => parseOption('Port', 'x')).toThrow(/^-o Port: /)
  expect(() => parseOption('Port', 'x', { origin: '-p' })).toThrow(/^-p: /)
  expect(() => parseOption('Po\u001brt', 'x')).toThrow(/^-o Po\\x1brt: /)
})
