// The table of keywords: what it knows, what values become, and how further ones join.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of ssh_config look like that

import { describe, expect, test } from 'vitest'
import { Unacceptable } from '../../../../src/config/ssh-config/keyword.js'
import {
  findKeyword,
  findRetired,
  joinObtained,
  type KeywordName,
  keywordNames,
  keywords,
} from '../../../../src/config/ssh-config/keywords.js'
import type { Obtained } from '../../../../src/config/ssh-config/obtained.js'
import { splitLine } from '../../../../src/config/ssh-config/parse/words.js'

function read(line: string, env = {}): readonly string[] {
  const split = splitLine(line)
  const found = split && findKeyword(split.keyword)
  if (split === undefined || found === undefined) throw new Error(`no keyword in ${line}`)
  return found.keyword.read(split.args, env)
}

function joined(name: KeywordName, ...values: readonly (readonly string[])[]): readonly Obtained[] {
  return values.reduce<readonly Obtained[]>(
    (obtained, words, index) => joinObtained(name, obtained, { words, origin: `f:${index + 1}` }),
    [],
  )
}

const wordsOf = (obtained: readonly Obtained[]) => obtained.map(({ words }) => words)

describe('the table', () => {
  test('a keyword is found in any case and by its aliases', () => {
    expect(findKeyword('hOsTnAmE')?.name).toBe('HostName')
    expect(findKeyword('PubkeyAcceptedKeyTypes')?.name).toBe('PubkeyAcceptedAlgorithms')
    expect(findKeyword('smartcarddevice')?.name).toBe('PKCS11Provider')
  })

  test.each(['__proto__', 'constructor', 'toString', ''])('%j is no keyword', (word) => {
    expect(findKeyword(word)).toBeUndefined()
    expect(findRetired(word)).toBeUndefined()
  })

  test('former keywords are known as such, and are no keywords', () => {
    expect(findRetired('Protocol')).toBe('ignored')
    expect(findRetired('RSAAuthentication')).toBe('warned of')
    expect(findKeyword('Protocol')).toBeUndefined()
  })

  test('no spelling means two keywords', () => {
    const spellings = keywordNames.flatMap((name) => [name.toLowerCase(), ...(keywords[name].aliases ?? [])])
    expect(new Set(spellings).size).toBe(spellings.length)
    expect(spellings.filter((spelling) => findRetired(spelling) !== undefined)).toEqual([])
  })

  test('each row says in a sentence what the keyword does', () => {
    expect(keywordNames.filter((name) => !/^[A-Z`].+\.$/.test(keywords[name].doc))).toEqual([])
  })
})

describe('what values become', () => {
  test.each([
    ['ProxyJump a,ssh://u%40x@b.:22', ['a,u@x@b:22']],
    ['ProxyJump [::1]:22,a@[::2]', ['[::1]:22,a@[::2]']],
    ['ProxyJump None', ['none']],
    ['ProxyJump none # for now', ['none']],
    ['Ciphers +aes128-cbc', ['+aes128-cbc']],
    ['KexAlgorithms mlkem768x25519-sha256', ['mlkem768x25519-sha256']],
    ['ObscureKeystrokeTiming interval:20', ['yes']],
    ['ChannelTimeout *=1m session=0', ['*=1m', 'session=0']],
    ['WarnWeakCrypto no-pq-kex', ['no']],
    ['RSAMinSize 2048', ['2048']],
    ['CanonicalizePermittedCNAMEs *.A:B.c *', ['*.a:b.c', '*:*']],
    ['LocalForward ${S} h:1', ['/tmp/s', '[h]:1']],
    ['IdentityAgent ${S}', ['${S}']],
    ['RefuseConnection "not from here"', ['not from here']],
    ['IPQoS va', ['va', 'va']],
  ])('%s', (line, words) => {
    expect(read(line, { S: '/tmp/s' })).toEqual(words)
  })

  test.each([
    ['ChannelTimeout =1m', 'invalid channel timeout'],
    ['ChannelTimeout a=1m none', 'must stand alone'],
    ['ObscureKeystrokeTiming interval:1001', 'unsupported argument'],
    ['CASignatureAlgorithms *cert*', 'bad ca-signature algorithms'],
    ['KexAlgorithms gss-gex-sha1-', 'leaves no kex algorithm'],
    ['LocalForward ${__proto__} h:1', '__proto__ is not set'],
    ['Port 22 23', 'extra arguments'],
    ['Port ""', 'missing argument'],
    ['ProxyJump a,,b', 'invalid ProxyJump "a,,b"'],
    ['User\u0020""', 'missing argument'],
  ])('%s is not acceptable', (line, message) => {
    expect(() => read(line)).toThrow(Unacceptable)
    expect(() => read(line)).toThrow(message)
  })

  test('what is shown of a bad value is one harmless line', () => {
    expect(() => read('Port \u001b[31mx')).toThrow(/^bad port "[ -~]+"$/)
  })
})

describe('further values', () => {
  test('the first wins, and the rest is told to change nothing', () => {
    const first = joined('Port', ['1'])
    expect(joinObtained('Port', first, { words: ['2'], origin: 'f:2' })).toBe(first)
  })

  test('files gather without repetition', () => {
    expect(wordsOf(joined('IdentityFile', ['a'], ['b'], ['a']))).toEqual([['a'], ['b']])
  })

  test('SendEnv takes away what matches and came before, and keeps where the others stand', () => {
    const obtained = joined('SendEnv', ['LANG', 'LC_*'], ['-LC_?', 'LC_ALL'])
    expect(obtained).toEqual([
      { words: ['LANG'], origin: 'f:1' },
      { words: ['LC_ALL'], origin: 'f:2' },
    ])
  })

  test('SetEnv is the first line only', () => {
    expect(wordsOf(joined('SetEnv', ['A=1'], ['B=2']))).toEqual([['A=1']])
  })

  test('the time of a RekeyLimit may come later than its size', () => {
    expect(wordsOf(joined('RekeyLimit', ['1024'], ['2048', '60'], ['1', '5']))).toEqual([
      ['1024'],
      ['2048', '60'],
    ])
  })

  test('a time of none leaves the setting to a later line', () => {
    expect(wordsOf(joined('ConnectTimeout', ['none'], ['5'], ['6']))).toEqual([['5']])
  })

  test('a socket for ForwardAgent may come later than the decision', () => {
    expect(wordsOf(joined('ForwardAgent', ['yes'], ['no'], ['/s'], ['/t']))).toEqual([['yes'], ['/s']])
  })

  test('words that say nothing do not count', () => {
    expect(wordsOf(joined('SetEnv', [], ['A=1']))).toEqual([['A=1']])
  })

  test('the last StreamLocalBindMask wins, from blocks that do not apply, too', () => {
    expect(wordsOf(joined('StreamLocalBindMask', ['01'], ['02']))).toEqual([['02']])
    expect(keywords.StreamLocalBindMask.everywhere).toBe(true)
  })
})
