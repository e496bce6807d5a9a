import { describe, expect, it } from 'vitest'
import { findNearest } from '../../../../src/config/own/nearest-name.js'
import { configErrorOf, machine } from './rig.js'

/** Each problem of a configuration in a file, without the name of the file. */
async function problemsOf(text: string, name = 'sallyport.config.json'): Promise<readonly string[]> {
  const at = machine()
  at.write(`project/${name}`, text)
  const { code, problems } = await configErrorOf(at.load())
  expect(code).toBe('CONFIG_INVALID')
  return problems.map(({ origin, message }) => `${origin.replace(`${name}: `, '')}: ${message}`)
}

describe('a wrong value is told with the path of its key', () => {
  it.each([
    ['{"port": 0}', 'port: must be a whole number from 1 to 65535'],
    ['{"port": null}', 'port: must be a whole number from 1 to 65535'],
    ['{"port": "x"}', 'port: must be a whole number from 1 to 65535'],
    ['{"user": 7}', 'user: must be a string that is not empty'],
    ['{"connectTimeoutMs": "soon"}', 'connectTimeoutMs: is no time: "soon"'],
    ['{"hosts": {"db": {"port": 0}}}', 'hosts.db.port: must be a whole number from 1 to 65535'],
    ['{"hosts": {"*.a": {"port": 0}}}', 'hosts."*.a".port: must be a whole number from 1 to 65535'],
    ['{"hosts": {"db": {"verifyHostKey": "x"}}}', 'hosts.db.verifyHostKey: must be a function'],
    ['{"hosts": {"db": 7}}', 'hosts.db: must be keys and values'],
    ['{"hosts": []}', 'hosts: must be keys and values'],
    ['{"hosts": {" ": {}}}', 'hosts."": must name hosts'],
    ['[]', 'sallyport.config.json: must be keys and values'],
    ['{"groups": {"web": "a"}}', 'groups.web: must be a list of strings'],
    ['{"groups": {"web": ["a", 7]}}', 'groups.web[1]: must be a string that is not empty'],
    ['{"sshConfig": true}', 'sshConfig: must be false, default, or names of files'],
    ['{"sshConfig": []}', 'sshConfig: must be false, default, or names of files'],
    ['{"gateway": 7}', 'gateway: must be a command, a list of hosts, or false'],
    ['{"prot": 22}', 'prot: there is no such key; did you mean port?'],
    ['{"hosts": {"db": {"hosts": {}}}}', 'hosts.db.hosts: there is no such key'],
    [
      '{"hosts": {"db": {"Hostname": "x"}}}',
      'hosts.db.Hostname: there is no such key; did you mean hostName?',
    ],
    ['{"x\\u001b[31m": 1}', 'x\\x1b[31m": there is no such key'],
  ])('%s', async (text, problem) => {
    const [first, ...others] = await problemsOf(text)
    expect(first).toContain(problem)
    expect(others).toEqual([])
  })

  it('and no wrong value hides another', async () => {
    const text = 'prot: 1\nuser: [x]\nhosts:\n  db: { port: x, user: 7 }\n  "*": { password: p }\nport: 0\n'
    expect(
      (await problemsOf(text, 'sallyport.config.yaml')).map((line) => line.split(': ')[0]).sort(),
    ).toEqual(['hosts."*".password', 'hosts.db.port', 'hosts.db.user', 'port', 'prot', 'user'].sort())
  })

  it('the message tells the first, and how many more there are', async () => {
    const at = machine()
    at.writeUser({ port: 0, serverAliveCountMax: -1 })
    const { message, origin } = await configErrorOf(at.load())
    expect(origin).toBe('~/.config/sallyport/config.json: port')
    expect(message).toBe(`${origin}: must be a whole number from 1 to 65535 (and 1 more)`)
  })

  it('a secret is never in a message', async () => {
    const at = machine()
    at.writeProject({
      hosts: { '*': { password: 'p4ss', passphrase: ['p4ss'] }, db: { password: ['p4ss'] } },
    })
    const error = await configErrorOf(at.load())
    expect(JSON.stringify([error, error.message])).not.toContain('p4ss')
  })
})

describe('keys that mean something to JavaScript mean nothing here', () => {
  const keys = ['__proto__', 'constructor', 'prototype']
  const places = [
    (key: string) => `{"${key}": {"port": 2222}}`,
    (key: string) => `{"hosts": {"${key}": {"port": 2222}}}`,
    (key: string) => `{"hosts": {"db": {"${key}": {"port": 2222}}}}`,
    (key: string) => `{"groups": {"${key}": ["a"]}}`,
    (key: string) => `{"setEnv": {"${key}": "a"}}`,
    (key: string) => `{"groups": {"a": [{"b": {"${key}": 1}}]}}`,
  ]
  const texts = keys.flatMap((key) => places.map((place) => place(key)))

  it.each(texts)('%s', async (text) => {
    for (const name of ['sallyport.config.json', 'sallyport.config.yaml']) {
      expect((await problemsOf(text, name))[0]).toMatch(
        /(?:__proto__|constructor|prototype): there is no such key$/,
      )
    }
    expect({}).not.toHaveProperty('port')
  })

  it.each(['toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'])(
    '%s is unknown as any other',
    async (key) => {
      expect(await problemsOf(`{"${key}": 1}`)).toEqual([`${key}: there is no such key`])
      expect(await problemsOf(`{"hosts": {"db": {"${key}": 1}}}`)).toEqual([
        `hosts.db.${key}: there is no such key`,
      ])
    },
  )

  it('what is nested without end is refused', async () => {
    const text = `{"groups": ${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`
    expect((await problemsOf(text))[0]).toMatch(/^groups\.a\.a: is nested more than 16 levels deep$/)
  })
})

describe('a variable that means nothing', () => {
  it.each([
    ['SALLYPORT_PROT', '; did you mean SALLYPORT_PORT?'],
    ['SALLYPORT_CONNECT_TIMEOUT', '; did you mean SALLYPORT_CONNECT_TIMEOUT_MS?'],
    ['SALLYPORT_ALLOWEXEC', '; did you mean SALLYPORT_ALLOW_EXEC?'],
    ['SALLYPORT_HOSTS__DB__PROT', '; did you mean SALLYPORT_HOSTS__DB__PORT?'],
    ['SALLYPORT_HOSTS__DB__CONFIG', ''],
    ['SALLYPORT_HOSTS__PORT', ''],
    ['SALLYPORT_', ''],
    ['SALLYPORT_TO_STRING', ''],
    ['SALLYPORT_SOMETHING_ELSE_ENTIRELY', ''],
  ])('%s is an error, even when it is empty', async (variable, meant) => {
    for (const text of ['1', '']) {
      const { problems } = await configErrorOf(machine().load({ env: { [variable]: text } }))
      expect(problems).toEqual([{ origin: variable, message: `there is no such variable${meant}` }])
    }
  })

  it.each([
    [{ SALLYPORT_PORT: '99999' }, 'SALLYPORT_PORT: must be a whole number from 1 to 65535'],
    [{ SALLYPORT_ALLOW_EXEC: 'maybe' }, 'SALLYPORT_ALLOW_EXEC: must be yes or no, and is "maybe"'],
    [{ SALLYPORT_STRICT_HOST_KEY_CHECKING: 'no' }, /host keys of all hops/],
    [
      { SALLYPORT_GATEWAY: 'c', SALLYPORT_PROXY_JUMP: 'a' },
      /SALLYPORT_PROXY_JUMP: SALLYPORT_GATEWAY is given/,
    ],
    [{ SALLYPORT_HOSTS__A__PROXY_COMMAND: 'a\nb' }, /SALLYPORT_HOSTS__A__PROXY_COMMAND: must be one line/],
  ])('and so is one with a wrong value: %j', async (env, message) => {
    const error = await configErrorOf(machine().load({ env }))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toMatch(message)
  })

  it('all of them are told at once', async () => {
    const env = { SALLYPORT_PROT: '1', SALLYPORT_PORT: 'x', OTHER_PROT: '1' }
    expect((await configErrorOf(machine().load({ env }))).problems).toHaveLength(2)
  })
})

describe('variables', () => {
  it('give gateways and ssh_config files', async () => {
    const at = machine()
    const [own] = await at.load({
      env: {
        SALLYPORT_PROXY_JUMP: 'gw',
        SALLYPORT_HOSTS__GW__PROXY_JUMP: 'none',
        SALLYPORT_HOSTS__A__B__GATEWAY: 'nc %h %p',
        SALLYPORT_SSH_CONFIG: 'a file:~/b:/c',
      },
    })
    expect(own?.forHost('db').gateway).toEqual({
      kind: 'jump',
      text: 'gw',
      source: 'environment',
      origin: 'SALLYPORT_PROXY_JUMP',
    })
    expect(own?.forHost('gw').gateway).toMatchObject({ kind: 'direct' })
    expect(own?.forHost('a--b').gateway).toMatchObject({ kind: 'command', command: 'nc %h %p' })
    expect(own?.sshConfig).toEqual({
      files: [`${at.project}/a file`, `${at.home}/b`, '/c'],
      origin: 'SALLYPORT_SSH_CONFIG',
    })
  })

  it.each([
    ['none', false],
    ['default', 'default'],
  ])('SALLYPORT_SSH_CONFIG=%s', async (text, files) => {
    const [own] = await machine().load({ env: { SALLYPORT_SSH_CONFIG: text } })
    expect(own?.sshConfig?.files).toBe(files)
  })
})

describe('the nearest name', () => {
  it.each([
    ['prot', 'port'],
    ['PORT', 'port'],
    ['identityfiles', 'identityFile'],
    ['zzz', undefined],
    ['', undefined],
    ['x'.repeat(100_000), undefined],
  ])('to %.20j is %j', (word, nearest) => {
    expect(findNearest(word, ['port', 'identityFile', 'user'])).toBe(nearest)
  })
})
