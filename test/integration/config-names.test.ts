// Names from strangers meet a configuration that runs commands. A name with a command in it never reaches a Match exec
// or a ProxyCommand, by whatever way it comes in; one from outside is refused before any configuration is evaluated.

import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Connection, type ConnectionOptions } from '../../src/index.js'
import { type ConfigHome, configHome } from '../support/config-home.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { scratchDir } from '../support/run-dir.js'

leakCheck()

const directory = scratchDir('names')
const sentinel = (name: string) => join(directory, name)
/** Exists when something of a name was run. */
const injected = sentinel('injected')
/** Exist when the configuration's own commands were run. */
const [matched, dialled] = [sentinel('matched'), sentinel('dialled')]
const touch = `touch ${injected}`

const hostile = [
  `;${touch};`,
  `|${touch}`,
  `$(${touch})`,
  `\`${touch}\``,
  `\${IFS}$(${touch})`,
  `';${touch};'`,
  `";${touch};"`,
  `\\$(${touch})`,
  `x>${injected}`,
  `x\n${touch}`,
  `x\0${touch}`,
  `{touch,${injected}}`,
  `-oProxyCommand=${touch}`,
]

/** Runs a command for every host, with every token, bare and within quotes that do not protect. */
const matching = [
  `Match exec "sh -c 'touch ${matched}; echo %h %n %r %u %p %k %j'"`,
  '  ServerAliveCountMax 4',
  `Match exec "echo '%h' '%n' '%r' '%k'"`,
  '  ServerAliveInterval 4',
  '',
].join('\n')
const running = [
  `${matching}Host *`,
  '  IdentityAgent none',
  `  ProxyCommand sh -c 'touch ${dialled}; echo "$@"' %h %n '%r' "%k" %p; exit 1`,
  '',
].join('\n')

const found = () => [injected, matched, dialled].map((file) => existsSync(file))

function clean(): void {
  for (const file of [injected, matched, dialled]) rmSync(file, { force: true })
}

/** The code with which it fails to be made, or to be opened. */
async function codeOf(host: string, options: ConnectionOptions = {}): Promise<string> {
  const make = async (): Promise<void> => {
    await using connection = new Connection(host, options)
    await connection.open()
  }
  const { code, message } = await failureOf(make())
  expect(message).not.toMatch(/[\0-\x1f]/)
  return code
}

const refusals = /^(INVALID_DESTINATION|INVALID_OPTION|UNSAFE_VALUE|CONFIG_INVALID)$/

test('a good name runs both commands, so that a bad one would be noticed', async () => {
  clean()
  using home = configHome()
  home.write('.ssh/config', running)
  expect(await codeOf('ops@db.example')).toBe('PROXY_COMMAND_FAILED')
  expect(found()).toEqual([false, true, true])
})

describe('a name from outside with a command in it', () => {
  const ways: Readonly<Record<string, (name: string) => readonly [string, ConnectionOptions?]>> = {
    'the host': (name) => [name],
    'the host after a user': (name) => [`ops@${name}`],
    'the user before the host': (name) => [`${name}@db`],
    'the host of an address': (name) => [`ssh://${encodeURIComponent(name)}`],
    'the user of an address': (name) => [`ssh://${encodeURIComponent(name)}@db`],
    'the option user': (user) => ['db', { user }],
    'the option hostName': (hostName) => ['db', { hostName }],
    'the option proxyJump': (proxyJump) => ['db', { proxyJump }],
    'a user in the option proxyJump': (name) => ['db', { proxyJump: `first,${name}@gateway` }],
    'an address in the option proxyJump': (name) => [
      'db',
      { proxyJump: `ssh://${encodeURIComponent(name)}@gw` },
    ],
  }

  test.each(Object.entries(ways))('is refused as %s before configuration is evaluated', async (_, way) => {
    clean()
    using home = configHome()
    home.write('.ssh/config', running)
    for (const name of hostile) {
      const [host, options] = way(name)
      expect(await codeOf(host, options), name).toMatch(/^(INVALID_DESTINATION|INVALID_OPTION)$/)
    }
    expect(found()).toEqual([false, false, false])
  })
})

describe('a name from configuration with a command in it', () => {
  type Way = (name: string, home: ConfigHome) => ConnectionOptions | undefined
  const write = (home: ConfigHome, ...lines: readonly string[]): undefined => {
    home.write('.ssh/config', `${lines.map((line) => `${line}\n`).join('')}${running}`)
    return undefined
  }
  const writeOwn = (home: ConfigHome, config: unknown, ssh = running): undefined => {
    home.write('.ssh/config', ssh)
    home.write('.config/sallyport/config.json', JSON.stringify(config))
    return undefined
  }
  // A variable of the environment cannot have a NUL.
  const setVariable = (name: string, value: string): void => {
    process.env[name] = value.replaceAll('\0', '\x01')
  }
  const quoted = (name: string) => `"${name.replace(/[\n\0]/g, ' ').replaceAll('"', '\\"')}"`

  const ways: Readonly<Record<string, Way>> = {
    'User of ssh_config': (name, home) => write(home, `User ${quoted(name)}`),
    'User made of a variable': (name, home) => {
      setVariable('SPT_EVIL', name)
      write(home, `User \${SPT_EVIL}`)
    },
    'HostName of ssh_config': (name, home) => write(home, `HostName ${quoted(name)}`),
    'HostName made of the host': (name, home) => write(home, `HostName ${quoted(`%h${name}`)}`),
    'HostKeyAlias of ssh_config': (name, home) => write(home, `HostKeyAlias ${quoted(name)}`),
    'a user of ProxyJump': (name, home) => write(home, `ProxyJump ${name.replace(/[\s\0]/g, ';')}@gateway`),
    'a user of ProxyJump made of a token': (name, home) => {
      setVariable('SPT_EVIL', name)
      write(home, `User \${SPT_EVIL}`, 'ProxyJump %r@gateway')
    },
    'the User of a gateway': (name, home) =>
      write(home, 'Host db', 'ProxyJump gateway', 'Host gateway', `User ${quoted(name)}`),
    'a directive of the caller': (name) => ({ sshOptions: [`User=${quoted(name)}`] }),
    'another directive of the caller': (name) => ({ sshOptions: [`HostName=${quoted(name)}`] }),
    'a variable of ours': (name) => setVariable('SALLYPORT_USER', name) as undefined,
    'a gateway in a variable of ours': (name, home) => {
      home.write('.ssh/config', matching)
      setVariable('SALLYPORT_PROXY_JUMP', `${name}@gw`)
      return undefined
    },
    'user of our own file': (user, home) => writeOwn(home, { user }),
    'hostName of our own file': (hostName, home) => writeOwn(home, { hosts: { db: { hostName } } }),
    'hostKeyAlias of our own file': (hostKeyAlias, home) =>
      writeOwn(home, { hosts: { db: { hostKeyAlias } } }),
    'a gateway of our own file': (name, home) =>
      writeOwn(home, { hosts: { db: { gateway: [`${name}@gw`] } } }, matching),
  }

  test.each(Object.entries(ways))('is refused as %s and never run', async (_, way) => {
    clean()
    for (const name of hostile) {
      using home = configHome()
      write(home)
      const options = way(name, home) ?? {}
      expect(await codeOf('db', options), name).toMatch(refusals)
    }
    expect(existsSync(injected)).toBe(false)
    expect(existsSync(dialled)).toBe(false)
  })
})

test('a name that looks like an option is none for the program that ssh_config names', async () => {
  using home = configHome()
  const record = join(directory, 'arguments')
  const program = home.write('program', `#!/bin/sh\nprintf '%s|' "$@" > ${record}\nexit 1\n`)
  home.write(
    '.ssh/config',
    `Host *\n  IdentityAgent none\n  ProxyCommand sh ${program} -W %h:%p -l %r -- %n\n`,
  )
  expect(await codeOf('ops@db.example')).toBe('PROXY_COMMAND_FAILED')
  expect(readFileSync(record, 'utf8')).toBe('-W|db.example:22|-l|ops|--|db.example|')
  rmSync(record)
  for (const name of ['-oProxyCommand=id', '-l', '--']) {
    for (const line of [
      `HostName ${name}`,
      `User ${name}`,
      `ProxyJump ${name}`,
      `ProxyJump ${name}@gateway`,
    ]) {
      home.write('.ssh/config', `Host *\n  ${line}\n  ProxyCommand sh ${program} %h %r\n`)
      expect(await codeOf('db'), line).toMatch(refusals)
    }
  }
  expect(existsSync(record)).toBe(false)
})
