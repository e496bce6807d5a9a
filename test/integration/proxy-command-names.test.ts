// Names from strangers never become commands or options, by whatever way they come in.
// What is tried has precedents: CVE-2023-51385, CVE-2023-6004, CVE-2025-61984, CVE-2025-61985, CVE-2026-35386.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Connection, type ConnectionOptions, resolve } from '../../src/index.js'
import { leakCheck } from '../support/leak-check.js'
import { scratchDir } from '../support/run-dir.js'

const directory = scratchDir('names')
/** The file that exists when something of a name was run. */
const canary = join(directory, 'canary')
const touch = `touch ${canary}`

const hostile = [
  `;${touch};`,
  `|${touch}`,
  `&${touch}&`,
  `$(${touch})`,
  `\`${touch}\``,
  `\${IFS}$(${touch})`,
  `$'\\x3b'${touch}`,
  `';${touch};'`,
  `";${touch};"`,
  `\\$(${touch})`,
  `>${canary}`,
  `x\n${touch}`,
  `x\r\n${touch}\r\n`,
  `x\0${touch}`,
  `x\u2028${touch}`,
  `{touch,${canary}}`,
  `#\n${touch}`,
  `-oProxyCommand=${touch}`,
  `-o ProxyCommand=${touch}`,
  `-F${canary}`,
]

/** The ways by which a name comes in, each as the arguments of a connection. */
const ways: Record<string, (name: string) => readonly [string, ConnectionOptions]> = {
  'the host': (name) => [name, {}],
  'the host after a user': (name) => [`user@${name}`, {}],
  'the user before the host': (name) => [`${name}@host`, {}],
  'the host of an address': (name) => [`ssh://${encodeURIComponent(name)}`, {}],
  'the plain host of an address': (name) => [`ssh://${name}`, {}],
  'the user of an address': (name) => [`ssh://${encodeURIComponent(name)}@host`, {}],
  'the option user': (user) => ['host', { user }],
  'the option hostName': (hostName) => ['host', { hostName }],
  'the option hostKeyAlias': (hostKeyAlias) => ['host', { hostKeyAlias }],
}

/** Commands that use every token: bare, and within quotes that do not protect. */
const commands = [
  'echo %h %n %r %p %k',
  "echo '%h' '%n' '%r' '%k'",
  'echo "%h" "%n" "%r" "%k"',
  'sh -c "echo %h%n%r%k"',
]

describe('a name with a command in it', () => {
  leakCheck()

  test('would be noticed if it were run', async () => {
    const sentinel = `${canary}-control`
    await using connection = new Connection('host', { gateway: `touch ${sentinel}`, identityAgent: 'none' })
    await expect(connection.open()).rejects.toMatchObject({ code: 'PROXY_COMMAND_FAILED' })
    expect(existsSync(sentinel)).toBe(true)
  })

  test.each(Object.entries(ways))('is refused as %s before any shell is started', async (_, way) => {
    for (const name of hostile) {
      const [host, options] = way(name)
      for (const gateway of commands) {
        await expect(resolve(host, { ...options, gateway }), name).rejects.toThrow(
          expect.objectContaining({
            name: 'ConfigError',
            code: expect.stringMatching(/^(INVALID_DESTINATION|INVALID_OPTION|UNSAFE_VALUE)$/),
            message: expect.not.stringMatching(/[\0-\x1f]/),
          }),
        )
      }
    }
    expect(existsSync(canary)).toBe(false)
  })

  test.each([
    ['alone', (name: string) => name],
    ['as a user', (name: string) => `${name}@gateway`],
    ['after another', (name: string) => `first,${name}`],
    ['in an address', (name: string) => `ssh://${encodeURIComponent(name)}@gateway`],
  ])('is refused in proxyJump %s', (_, jump) => {
    for (const name of hostile) {
      expect(() => new Connection('host', { proxyJump: jump(name) }), name).toThrow(
        expect.objectContaining({ code: 'INVALID_DESTINATION' }),
      )
    }
  })
})

describe('a name that only a list can carry', () => {
  leakCheck()

  const record = join(directory, 'arguments')
  const program = `printf '%%s|' "$@" > ${record}; exit 1`

  test.each([
    ['Domain User', 'DOMAIN+ops@corp'],
    ['o~k #x *', 'ops'],
    ['ünï', 'ops'],
  ])('is one argument as it is: %s', async (user, alias) => {
    const tokens = ['%r', '%k', '%h', 'a%%b']
    await using connection = new Connection('host.example', {
      user,
      hostKeyAlias: alias,
      identityAgent: 'none',
      gateway: { command: ['/bin/sh', '-c', program, 'program', ...tokens] },
    })
    await expect(connection.open()).rejects.toMatchObject({ exitCode: 1 })
    expect(readFileSync(record, 'utf8')).toBe(`${user}|${alias}|host.example|a%b|`)
    await expect(resolve('host.example', { user, gateway: 'ssh %r@gateway' })).rejects.toThrow(
      expect.objectContaining({ code: 'UNSAFE_VALUE', hint: expect.stringContaining('list') }),
    )
  })

  test('is never an option of the program', async () => {
    const gateway = { command: ['ssh', '-W', '%h:%p', '%k', '%r', '%n', '%h'] }
    const dash = `-oProxyCommand=${touch}`
    for (const [name, way] of Object.entries(ways)) {
      const [host, options] = way(dash)
      await expect(resolve(host, { ...options, gateway }), name).rejects.toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^(INVALID_DESTINATION|UNSAFE_VALUE)$/) }),
      )
    }
    expect(existsSync(canary)).toBe(false)
  })

  test('holds no secret of ours in its arguments, and nothing of its own is expanded twice', async () => {
    await using connection = new Connection('host', {
      user: 'a%h',
      identityAgent: 'none',
      gateway: { command: ['/bin/sh', '-c', program, 'program', '%r', '%%h'] },
    })
    await expect(connection.open()).rejects.toMatchObject({ exitCode: 1 })
    expect(readFileSync(record, 'utf8')).toBe('a%h|%h|')
  })
})
