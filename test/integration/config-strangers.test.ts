// Configuration that somebody else wrote: a program that is started in a stranger's directory runs nothing of it, and
// keys that mean something to JavaScript mean nothing in any format.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError, Connection, type ConnectionOptions, type SallyportConfig } from '../../src/index.js'
import { type ConfigHome, configHome } from '../support/config-home.js'
import { hostBlock, hostEntry, sshConfigFile } from '../support/config-hosts.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { bundleLibrary, type StartProgram } from '../support/program.js'
import { scratchDir } from '../support/run-dir.js'
import { type Sshd, startSshd } from '../support/sshd.js'

leakCheck()

let sshd: Sshd
let start: StartProgram
beforeAll(async () => {
  sshd = await startSshd({ config: ['AcceptEnv *'] })
  start = await bundleLibrary()
})
afterAll(() => sshd.stop())

describe('a program in a stranger’s directory', () => {
  // Tries all that looks at configuration, and tells the codes.
  const body = `
    const { configuredHosts, resolve } = await import('./index.js')
    const codes = []
    const note = (work) => work.then(() => codes.push('fine'), (error) => codes.push(error.code))
    await note(resolve('db', given))
    await note(new Connection('db', given).open())
    await note(configuredHosts(given))
    console.log('codes ' + codes.join(' '))
  `

  /** What a program says whose working directory is \`cwd\`. */
  async function codesIn(cwd: string, given: ConnectionOptions = {}): Promise<string> {
    const env = { HOME: scratchDir('home'), SALLYPORT_CONFIG: '', SALLYPORT_SSH_CONFIG: 'none' }
    await using program = start(body, { cwd, env, given })
    await program.ended
    const [codes] = program.stdout.lines().flatMap(({ text }) => /^codes (.*)/.exec(text)?.[1] ?? [])
    return (
      codes ??
      program.stderr
        .lines()
        .map(({ text }) => text)
        .join('\n')
    )
  }

  const denied = 'EXEC_DENIED EXEC_DENIED EXEC_DENIED'

  test.each<[string, (touch: string) => string]>([
    ['sallyport.config.json', (touch) => JSON.stringify({ gateway: touch })],
    ['sallyport.config.yaml', (touch) => `hosts:\n  "*": { proxyCommand: "${touch}" }\n`],
    ['sallyport.config.yml', (touch) => `!!js/function "${touch}": 1\ngateway: ${touch}\n`],
    [
      'sallyport.config.js',
      (touch) => `import { execSync } from 'node:child_process'\nexecSync('${touch}')\nexport default {}\n`,
    ],
    [
      'sallyport.config.mjs',
      (touch) => `import { execSync } from 'node:child_process'\nexport default execSync('${touch}')\n`,
    ],
    [
      'sallyport.config.ts',
      (touch) =>
        `const { execSync } = await import('node:child_process')\nexport default execSync('${touch}') as any\n`,
    ],
  ])('runs nothing of its %s, whatever is asked', async (name, text) => {
    const directory = scratchDir('stranger')
    const sentinel = join(directory, 'sentinel')
    writeFileSync(join(directory, name), text(`touch ${sentinel}`))
    expect(await codesIn(directory)).toMatch(/^(?:(?:EXEC_DENIED|CONFIG_INVALID) ?){3}$/)
    expect(existsSync(sentinel)).toBe(false)
  })

  test('runs nothing of one that names files of ssh_config, nor of those that lie about', async () => {
    const directory = scratchDir('stranger')
    const sentinel = join(directory, 'sentinel')
    const text = `Match exec "touch ${sentinel}"\n  ProxyCommand touch ${sentinel}\n`
    for (const name of ['evil', 'config', 'ssh_config', '.sallyportrc'])
      writeFileSync(join(directory, name), text)
    writeFileSync(join(directory, 'sallyport.config.json'), JSON.stringify({ sshConfig: ['./evil'] }))
    expect(await codesIn(directory)).toBe(denied)
    expect(await codesIn(directory, { config: false })).not.toContain('EXEC_DENIED')
    expect(existsSync(sentinel)).toBe(false)
  })

  test('would have run it, had the user trusted it', async () => {
    const directory = scratchDir('trusted')
    const sentinel = join(directory, 'sentinel')
    const gateway = `touch ${sentinel}; false`
    writeFileSync(join(directory, 'sallyport.config.json'), JSON.stringify({ gateway }))
    expect(await codesIn(directory, { allowExec: true })).toBe('fine PROXY_COMMAND_FAILED fine')
    expect(existsSync(sentinel)).toBe(true)
  })
})

describe('a key that means something to JavaScript', () => {
  const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']

  /** All that the prototypes have, by name and by value. */
  const prototypes = () =>
    [Object, Array, Function, Map, String].map(({ prototype }) =>
      Reflect.ownKeys(prototype).map((key) => [key, Reflect.getOwnPropertyDescriptor(prototype, key)?.value]),
    )

  /** Does the work, and sees to it that nothing has changed for anybody. */
  async function unharmed(work: () => Promise<unknown>): Promise<void> {
    const before = prototypes()
    await work()
    expect(prototypes()).toEqual(before)
    const fresh: Readonly<Record<string, unknown>> = {}
    expect([fresh['polluted'], fresh['user'], fresh['port'], fresh['gateway']]).toEqual(
      Array(4).fill(undefined),
    )
  }

  async function expectReached(options: ConnectionOptions, host = 'db'): Promise<string> {
    await using db = new Connection(host, options)
    const { stdout } = await db.run('env; echo $SSH_CONNECTION')
    expect(stdout).toContain(` ${sshd.port}\n`)
    return stdout
  }

  test.each(keys)('%s is a name like any other where ssh_config has a name', async (key) => {
    await unharmed(async () => {
      const lines = [`SetEnv ${key}=polluted`, `SendEnv ${key}`, `Tag ${key}`]
      const sshConfig = sshConfigFile(
        `IgnoreUnknown ${key}\n${key} polluted\n`,
        hostBlock(key, sshd, ...lines),
      )
      const env = await expectReached({ sshConfig, config: false }, key)
      expect(env).toMatch(new RegExp(`^${key}=polluted$`, 'm'))
    })
  })

  test.each(keys)('%s is no keyword of ssh_config, and no directive', async (key) => {
    await unharmed(async () => {
      await using db = new Connection('db', { sshConfig: sshConfigFile(`${key} polluted\n`), config: false })
      expect(await failureOf(db.open())).toMatchObject({ code: 'CONFIG_INVALID' })
      const sshOptions = [`${key}=polluted`]
      await using other = new Connection('db', { sshConfig: false, config: false, sshOptions })
      expect(await failureOf(other.open())).toMatchObject({
        code: expect.stringMatching(/^(INVALID_OPTION|CONFIG_INVALID)$/),
      })
    })
  })

  const user = '{ "user": "polluted", "polluted": 1, "port": 1, "gateway": "false" }'
  type Write = (key: string, home: ConfigHome) => SallyportConfig | undefined
  const formats: Readonly<Record<string, Write>> = {
    JSON: (key, home) => put(home, 'json', `{ "${key}": ${user} }`),
    'JSON under hosts': (key, home) =>
      put(home, 'json', `{ "hosts": { "${key}": ${user}, "*": { "${key}": 1 } } }`),
    'JSON under a setting': (key, home) => put(home, 'json', `{ "setEnv": { "${key}": ${user} } }`),
    YAML: (key, home) => put(home, 'yaml', `${key}: ${user}\n`),
    'YAML, merged': (key, home) =>
      put(home, 'yaml', `%YAML 1.1\n---\nhosts:\n  x: &x { ${key}: ${user} }\n  db: { <<: *x }\n`),
    'a program': (key, home) =>
      put(home, 'mjs', `export default JSON.parse('{ "hosts": { "db": { "${key}": ${user} } } }')\n`),
    'an object': (key) =>
      JSON.parse(`{ "groups": { "${key}": ${user} }, "${key}": ${user} }`) as SallyportConfig,
  }

  function put(home: ConfigHome, ending: string, text: string): undefined {
    home.write(`.config/sallyport/config.${ending}`, text)
    return undefined
  }

  test.each(Object.entries(formats))(
    'in our own configuration as %s is refused, and nothing is changed',
    async (_, write) => {
      for (const key of keys) {
        using home = configHome()
        const config = write(key, home)
        await unharmed(async () => {
          await using db = new Connection('db', config === undefined ? {} : { config })
          const error = await failureOf(db.open())
          expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
          const problems = error instanceof ConfigError ? error.problems : []
          expect(problems.map(({ origin, message }) => origin + message).join()).toContain(key)
        })
      }
    },
  )

  test('in the name of a variable of ours is part of a host’s name, or unknown', async () => {
    for (const key of ['__PROTO__', 'CONSTRUCTOR', '__proto__']) {
      using _home = configHome({ [`SALLYPORT_HOSTS__${key}__USER`]: 'polluted' })
      await unharmed(() => expectReached({ ...hostEntry(sshd) }))
      using _other = configHome({ [`SALLYPORT_${key}`]: 'polluted' })
      await unharmed(async () => {
        await using db = new Connection('db')
        expect(await failureOf(db.open())).toMatchObject({ code: 'CONFIG_INVALID' })
      })
    }
  })

  test('is no host of our own file that anybody inherits', async () => {
    using home = configHome()
    put(home, 'json', JSON.stringify({ hosts: { db: hostEntry(sshd) } }))
    await unharmed(() => expectReached({}))
    for (const host of ['constructor', '__proto__', 'tostring']) {
      await using other = new Connection(host)
      expect((await other.resolve()).hops).toMatchObject([
        { hostName: host, port: 22, link: { kind: 'tcp' } },
      ])
    }
  })
})
