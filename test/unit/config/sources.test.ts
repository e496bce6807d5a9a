// All configured sources at once, as real files and variables: each value comes from the highest source that has one,
// and the route tells which it was and what it beat.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configuredHosts, parseSshConfig, type RouteOptions, resolve } from '../../../src/index.js'
import { scratchDir } from '../../support/run-dir.js'

const root = scratchDir('sources')
const [home, project] = [join(root, 'home'), join(root, 'home', 'work')]
const before = { cwd: process.cwd(), env: { ...process.env } }

const files: Readonly<Record<string, string>> = {
  [join(home, '.ssh/config')]: [
    'Host db',
    '  User of-ssh-config',
    '  ServerAliveCountMax 11',
    '  IdentityFile ~/ssh-config-key',
    'Host *',
    '  User too-late',
    '  HashKnownHosts yes',
  ].join('\n'),
  [join(home, '.config/sallyport/config.yaml')]: [
    'user: of-user-file',
    'port: 2201',
    'authTimeoutMs: 2001',
    'identityFile: [~/user-key]',
    'hosts:',
    '  far: { gateway: [edge] }',
  ].join('\n'),
  [join(project, 'sallyport.config.json')]: JSON.stringify({
    user: 'of-project',
    port: 2202,
    authTimeoutMs: 2002,
    connectTimeoutMs: 3002,
    identityFile: ['~/project-key'],
    hosts: { 'db edge': { numberOfPasswordPrompts: 5 }, db: { compression: true } },
    groups: { all: ['db', 'far'] },
  }),
}

beforeAll(() => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, text)
  }
  process.chdir(project)
  for (const name of Object.keys(process.env)) if (/^SALLYPORT_|^XDG_/.test(name)) delete process.env[name]
  Object.assign(process.env, {
    HOME: home,
    SALLYPORT_PORT: '2203',
    SALLYPORT_HOSTS__DB__AUTH_TIMEOUT_MS: '2003',
  })
})

afterAll(() => {
  process.chdir(before.cwd)
  for (const name of ['HOME', 'SALLYPORT_PORT', 'SALLYPORT_HOSTS__DB__AUTH_TIMEOUT_MS'])
    delete process.env[name]
  Object.assign(process.env, before.env)
})

const options: RouteOptions = { defaults: { numberOfPasswordPrompts: 1, serverAliveCountMax: 1 } }

describe('a host that all sources know', () => {
  it('has each value from the highest source that has one', async () => {
    const [db] = (await resolve('db', { ...options, connectTimeoutMs: 1 })).hops
    expect(db?.settings).toMatchObject({
      connectTimeoutMs: 1,
      user: 'of-ssh-config',
      serverAliveCountMax: 11,
      hashKnownHosts: true,
      port: 2203,
      authTimeoutMs: 2003,
      numberOfPasswordPrompts: 5,
      compression: true,
    })
  })

  it('has of a list that gathers what each source has, the highest first', async () => {
    const [db] = (await resolve('db', { ...options, identityFile: ['/given'] })).hops
    expect(db?.settings.identityFile).toEqual([
      '/given',
      join(home, 'ssh-config-key'),
      '~/project-key',
      '~/user-key',
    ])
  })

  it('tells where each value is from, and what that beat', async () => {
    const [db] = (await resolve('db', { ...options, user: 'given' })).hops
    expect(db?.origins.user).toMatchObject({
      from: 'option user',
      beat: [
        '~/.ssh/config:2',
        '~/.ssh/config:6',
        'sallyport.config.json: user',
        '~/.config/sallyport/config.yaml: user',
      ],
    })
    expect(db?.origins.port).toMatchObject({
      from: 'SALLYPORT_PORT',
      beat: ['sallyport.config.json: port', '~/.config/sallyport/config.yaml: port'],
    })
    expect(db?.origins.serverAliveCountMax).toMatchObject({
      from: '~/.ssh/config:3',
      beat: ['default of the program'],
    })
    expect(db?.origins.macs).toMatchObject({ from: 'default', beat: [] })
  })
})

describe('another host', () => {
  it('has its own values, and its gateway has its own', async () => {
    const { hops } = await resolve('far', options)
    expect(hops.map(({ host, user, port }) => `${user}@${host}:${port}`)).toEqual([
      'too-late@edge:2203',
      'too-late@far:2203',
    ])
    expect(hops.map(({ settings }) => settings.numberOfPasswordPrompts)).toEqual([5, 1])
    expect(hops[1]?.linkOrigin.from).toBe('~/.config/sallyport/config.yaml: hosts.far.gateway')
  })

  it('is found among the hosts that the sources name', async () => {
    expect(await configuredHosts()).toEqual(['db', 'far'])
  })
})

it('sources can be left out', async () => {
  const none = (await resolve('db', { sshConfig: false, config: false })).hops[0]
  expect(none).toMatchObject({ port: 22, settings: { hashKnownHosts: false, authTimeoutMs: 30_000 } })
  const own = (await resolve('db', { sshConfig: false })).hops[0]
  expect(own).toMatchObject({ user: 'of-project', port: 2203 })
  const ssh = (await resolve('db', { config: false })).hops[0]
  expect(ssh).toMatchObject({ user: 'of-ssh-config', port: 22 })
})

it('an object can be given in place of the project file, and stays as it is', async () => {
  const config = Object.freeze({
    port: 2210,
    hosts: Object.freeze({ db: Object.freeze({ user: 'ignored' }) }),
  })
  const [db] = (await resolve('db', { config })).hops
  expect(db).toMatchObject({ user: 'of-ssh-config', port: 2203 })
  expect(db?.origins.port.beat[0]).toBe('option config: port')
})

it('directives in ssh’s words beat the files, and are for the host alone', async () => {
  const { hops } = await resolve('far', { sshOptions: ['User=of-option', 'ServerAliveCountMax 7'] })
  expect(hops.map(({ user, settings }) => [user, settings.serverAliveCountMax])).toEqual([
    ['too-late', 3],
    ['of-option', 7],
  ])
  expect(hops[1]?.origins.user).toMatchObject({
    from: '-o User',
    beat: expect.arrayContaining(['~/.ssh/config:6']),
  })
})

it('the command that is going to run is for the criteria of Match to see', async () => {
  const text = 'Match sessiontype shell\n  Port 1\nMatch command "uptime *"\n  Port 2\nMatch all\n  Port 3\n'
  const portFor = async (matchCommand?: string) => {
    const { hops } = await resolve('db', { sshConfig: parseSshConfig(text), config: false, matchCommand })
    return hops[0]?.port
  }
  expect([await portFor(), await portFor('uptime -p'), await portFor('date')]).toEqual([1, 2, 3])
})

describe('the name and the key alias that a caller gives', () => {
  const text =
    'Match host real\n  Port 2222\nMatch all\n  IdentityFile /id_%h\n  UserKnownHostsFile /kh_%h_%k\n'

  it('are what criteria and tokens of ssh_config see, as with ssh -o', async () => {
    const options = {
      sshConfig: parseSshConfig(text),
      config: false,
      hostName: 'real',
      hostKeyAlias: 'ali',
    } as const
    const [db] = (await resolve('db', options)).hops
    expect(db?.port).toBe(2222)
    expect(db?.settings.identityFile).toEqual(['/id_real'])
    expect(db?.settings.userKnownHostsFile).toEqual(['/kh_real_ali'])
    expect(db?.origins.hostName).toMatchObject({ from: 'option hostName', beat: [] })
  })

  it('are what tokens see, where our own configuration gives them', async () => {
    const config = { hosts: { db: { hostName: 'real' } } }
    const [db] = (await resolve('db', { sshConfig: parseSshConfig(text), config })).hops
    expect(db?.settings.identityFile?.[0]).toBe('/id_real')
  })
})

it('a host behind a gateway of our own is not looked up by name on this machine', async () => {
  const asked: string[] = []
  const findName = async (name: string) => {
    asked.push(name)
    return undefined
  }
  const sshConfig = parseSshConfig('CanonicalizeHostname yes\nCanonicalDomains example.com\n', { findName })
  const behind = { hosts: { db: { gateway: ['gw'] }, gw: { hostName: 'gw.example.com.' } } }
  await resolve('db', { sshConfig, config: behind })
  expect(asked.filter((name) => name.startsWith('db'))).toEqual([])
  await resolve('db', { sshConfig, config: {} })
  expect(asked.filter((name) => name.startsWith('db'))).not.toEqual([])
})
