// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of ssh_config look like that
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { homeDirectory } from '../../../../../src/config/home-path.js'
import { localAccount } from '../../../../../src/config/ssh-config/tokens/local-account.js'
import { tokenValues } from '../../../../../src/config/ssh-config/tokens/token-values.js'
import { type Expansion, expandTokens } from '../../../../../src/config/ssh-config/tokens/tokens.js'
import type { ConfigError } from '../../../../../src/errors.js'

const env = { ONE: '1', TOKEN: '%h~', EMPTY: '', HOME: homeDirectory(process.env), EVIL: 'a\nb' }
const local = localAccount(env)
const facts = { host: 'Db', hostName: 'db.internal', port: 2222, user: 'ops', hostKeyAlias: 'alias', local }
const origin = '~/.ssh/config:3'

function expand(text: string, changes: Partial<Expansion> = {}): string {
  const values = tokenValues(facts)
  return expandTokens(text, { keyword: 'UserKnownHostsFile', values, origin, env, homes: local, ...changes })
}

function failureOf(text: string, changes: Partial<Expansion> = {}): ConfigError {
  try {
    expand(text, changes)
  } catch (error) {
    return error as ConfigError
  }
  throw new Error(`${text} was expanded`)
}

describe('what ssh -G prints expanded', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-tokens-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  function askSsh(line: string): { readonly output: string; readonly failed: boolean } {
    const file = join(folder, 'config')
    writeFileSync(file, `HostName db.internal\nPort 2222\nUser ops\nHostKeyAlias alias\n${line}\n`)
    try {
      const output = execFileSync('ssh', ['-G', '-F', file, 'Db'], { encoding: 'utf8', env, stdio: 'pipe' })
      return { output, failed: false }
    } catch (error) {
      return { output: String((error as { stderr: unknown }).stderr), failed: true }
    }
  }

  function printed(line: string): string | undefined {
    const [keyword = ''] = line.split(' ')
    const { output } = askSsh(line)
    return output
      .split('\n')
      .find((each) => each.startsWith(`${keyword.toLowerCase()} `))
      ?.slice(keyword.length + 1)
  }

  const texts = [
    '/%C',
    '%d/%h/%i/%k/%L/%l/%n/%p/%r/%u/%%',
    '~',
    '~/',
    '~//a',
    '~/../a',
    '~root',
    '~root/a',
    '~daemon//a/~',
    'a~',
    '/a/%%h/%%%h',
    '${ONE}/$ONE/$/${TOKEN}/$${ONE}',
    '${TOKEN}',
    '${ONE}${EMPTY}~',
    '%h${ONE}%',
    '%z',
    '%',
    '%j%',
    '${NOT_SET}',
    '${constructor}',
    '${}',
    '${ONE',
    '${ONE}/${',
    '~nobody-of-that-name',
    '%%{ONE}',
  ]
  const keywords = ['UserKnownHostsFile', 'ControlPath', 'IdentityAgent', 'ForwardAgent', 'RemoteCommand']
  test.each(keywords.flatMap((keyword) => texts.map((text) => [keyword, text] as const)))(
    '%s %s',
    (keyword, text) => {
      const expected = askSsh(`${keyword} ${text}`)
      if (expected.failed) {
        const { code, origin: where, problems, message } = failureOf(text, { keyword })
        expect(['UNKNOWN_TOKEN', 'CONFIG_INVALID']).toContain(code)
        expect({ where, message }).toEqual({ where: origin, message: `${origin}: ${problems[0]?.message}` })
      } else {
        expect(expand(text, { keyword })).toBe(printed(`${keyword} ${text}`))
      }
    },
  )

  // ssh tells the names of key files once the link is there, which `true` is for a moment.
  test.each(texts)('IdentityFile %s', (text) => {
    const file = join(folder, 'identity')
    writeFileSync(
      file,
      `HostName db.internal\nPort 2222\nUser ops\nHostKeyAlias alias\nIdentityFile ${text}\n`,
    )
    const options = { encoding: 'utf8', env: { ...env, PATH: process.env['PATH'] } } as const
    const { stderr } = spawnSync('ssh', ['-v', '-F', file, '-o', 'ProxyCommand=true', 'Db'], options)
    const [, name] = /^debug1: identity file (.*) type -?[0-9]+\r?$/m.exec(stderr) ?? []
    if (name === undefined) expect(failureOf(text, { keyword: 'IdentityFile' }).name).toBe('ConfigError')
    else expect(expand(text, { keyword: 'IdentityFile' })).toBe(name)
  })

  test.each(['%h.x', 'a%%', '%n', '%h%', '%d'])('HostName %s', (text) => {
    const name = askSsh('').output
    expect(name).toContain('hostname db.internal\n')
    const file = join(folder, 'host-name')
    writeFileSync(file, `HostName ${text}\n`)
    const run = () => execFileSync('ssh', ['-G', '-F', file, 'db'], { encoding: 'utf8', stdio: 'pipe' })
    const change = { keyword: 'HostName', values: (letter: string) => (letter === 'h' ? 'db' : undefined) }
    if (text === '%h.x' || text === 'a%%') expect(run()).toContain(`hostname ${expand(text, change)}\n`)
    else {
      expect(run).toThrow()
      expect(failureOf(text, change).code).toBe('UNKNOWN_TOKEN')
    }
  })
})

test('the variable that is not set is named, and what an object inherits is no variable', () => {
  expect(failureOf('~/${SALLYPORT_NONE}/x').message).toMatch(
    /^~\/\.ssh\/config:3: UserKnownHostsFile: .* SALLYPORT_NONE is not set$/,
  )
  for (const name of ['__proto__', 'toString', 'constructor']) {
    expect(failureOf(`\${${name}}`).code).toBe('CONFIG_INVALID')
  }
})

test('an unknown token is shown with those that the keyword takes', () => {
  expect(failureOf('%z', { keyword: 'HostName' })).toMatchObject({
    code: 'UNKNOWN_TOKEN',
    message: `${origin}: HostName has the unknown token %z`,
    hint: 'the tokens are %% %h',
  })
})

test('the user is expanded by variables and tokens, but not by itself', () => {
  expect(expand('%u-${ONE}@%n', { keyword: 'User' })).toBe(`${local.user}-1@Db`)
  expect(failureOf('%r', { keyword: 'User' }).code).toBe('UNKNOWN_TOKEN')
  expect(failureOf('%C', { keyword: 'User' }).code).toBe('UNKNOWN_TOKEN')
})

test('a keyword without tokens has its text as it is', () => {
  expect(expand('~/%z ${X}', { keyword: 'SetEnv' })).toBe('~/%z ${X}')
  expect(expand('~/%z ${X}', { keyword: 'GlobalKnownHostsFile' })).toBe(`${local.home}/%z \${X}`)
})

test('without a ProxyJump %j is empty, and with one it counts for %C', () => {
  const jumped = tokenValues({ ...facts, proxyJump: 'gw:2200' })
  expect(expand('[%j]', { keyword: 'RemoteCommand' })).toBe('[]')
  expect(expand('[%j]', { keyword: 'RemoteCommand', values: jumped })).toBe('[gw:2200]')
  expect(expand('%C', { values: jumped })).not.toBe(expand('%C'))
})

test('without a HostKeyAlias %k is the host as it was named', () => {
  expect(expand('%k', { values: tokenValues({ ...facts, hostKeyAlias: undefined }) })).toBe('Db')
})

test('an account without a name has no %u', () => {
  const nameless = tokenValues({ ...facts, local: { ...local, user: undefined } })
  expect(failureOf('%u', { values: nameless }).message).toMatch(/%u, which has no value here$/)
})

describe('values that are not safe', () => {
  const evil = (value: string) => ({ values: () => value, keyword: 'Match exec' })

  test.each([
    'a b',
    'a$b',
    "a'b",
    'a\\b',
    'a`b',
    'a~b',
    'a;b',
    'a|b',
    'a\nb',
    '',
    '-o',
    'ä',
    '*',
    'a&b',
    '$(x)',
  ])('never reach the shell of Match exec: %j', (value) => {
    expect(failureOf('test %h', evil(value)).code).toBe('UNSAFE_VALUE')
    expect(failureOf("test '%h'", evil(value)).code).toBe('UNSAFE_VALUE')
  })

  test.each(['db.internal', 'DOM+ops', 'a@b:2200,c/d=%e_-', 'fe80::1%eth0'])('but %j does', (value) => {
    expect(expand('test %h 50%%', evil(value))).toBe(`test ${value} 50%`)
  })

  test('do not include the empty text of a ProxyJump that there is not', () => {
    const jump = (proxyJump?: string) => ({
      keyword: 'Match exec',
      values: tokenValues({ ...facts, proxyJump }),
    })
    expect(expand('test -n "%j"', jump())).toBe('test -n ""')
    expect(expand('test -n "%j"', jump('gw:2200'))).toBe('test -n "gw:2200"')
    expect(failureOf('test -n "%j"', jump('$(x)')).code).toBe('UNSAFE_VALUE')
  })

  test('do not matter where they are not used', () => {
    expect(expand('true', evil('$(x)'))).toBe('true')
  })

  test('the shell of Match exec has its own variables', () => {
    expect(expand('test ${ONE} ~/x', { keyword: 'Match exec' })).toBe('test ${ONE} ~/x')
  })

  test.each(['a\nb', 'a\u0000', '\u001b[2J', 'a\u007f'])(
    'with control characters are refused in text, too: %j',
    (value) => {
      expect(failureOf('%h', { ...evil(value), keyword: 'IdentityFile' })).toMatchObject({
        code: 'UNSAFE_VALUE',
        origin,
      })
      expect(failureOf('%r', { ...evil(value), keyword: 'RemoteCommand' }).message).not.toMatch(
        /[\u0000-\u001f\u007f]/,
      )
    },
  )

  test('count when they come from the environment as well', () => {
    expect(failureOf('${EVIL}', { keyword: 'User' }).code).toBe('UNSAFE_VALUE')
  })
})
