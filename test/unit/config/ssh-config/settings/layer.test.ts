// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of ssh_config look like that
import { describe, expect, test } from 'vitest'
import { mergeLayers } from '../../../../../src/config/merge.js'
import { settingNames } from '../../../../../src/config/settings.js'
import { parseSshConfig } from '../../../../../src/config/ssh-config/open.js'
import {
  type LayerFacts,
  layerOf,
  type SshConfigLayer,
} from '../../../../../src/config/ssh-config/settings/layer.js'
import type { ConfigError } from '../../../../../src/errors.js'

const env = { KEYS: '/keys', HOME: '/home/me' }
const local = {
  user: 'me',
  uid: 1000,
  home: '/home/me',
  machine: 'laptop.example.com',
  findHomeOf: (user: string) => (user === 'other' ? '/home/other' : undefined),
}

async function layerOfText(
  text: string,
  changes: Partial<LayerFacts> = {},
  host = 'db',
): Promise<SshConfigLayer> {
  const { given = {} } = changes
  const config = parseSshConfig(text, { file: 'c', env, account: local })
  return layerOf(await config.lookUp({ host, ...given }), { given: {}, local, env, ...changes })
}

async function valuesOf(text: string, changes: Partial<LayerFacts> = {}, host = 'db') {
  const { layer } = await layerOfText(text, changes, host)
  return { ...layer.values }
}

async function failureOf(text: string, changes: Partial<LayerFacts> = {}): Promise<ConfigError> {
  return layerOfText(text, changes).then(
    () => expect.fail(`${text} is accepted`),
    (error: unknown) => error as ConfigError,
  )
}

describe('each keyword becomes its setting', () => {
  test.each([
    ['Port 2200', { port: 2200 }],
    ['User ops', { user: 'ops' }],
    ['HostName %h.internal', { hostName: 'db.internal' }],
    ['AddressFamily inet6', { addressFamily: 'inet6' }],
    ['ConnectTimeout 1m', { connectTimeoutMs: 60_000 }],
    ['ConnectTimeout none', { connectTimeoutMs: 0 }],
    ['ConnectTimeout none\nConnectTimeout 5', { connectTimeoutMs: 5000 }],
    ['ServerAliveInterval 0', { serverAliveIntervalMs: 0 }],
    ['ServerAliveCountMax 7', { serverAliveCountMax: 7 }],
    ['StrictHostKeyChecking off', { strictHostKeyChecking: 'no' }],
    ['StrictHostKeyChecking True', { strictHostKeyChecking: 'yes' }],
    ['StrictHostKeyChecking ask', { strictHostKeyChecking: 'ask' }],
    ['StrictHostKeyChecking accept-new', { strictHostKeyChecking: 'accept-new' }],
    ['HostKeyAlias DB', { hostKeyAlias: 'DB' }],
    ['HashKnownHosts yes', { hashKnownHosts: true }],
    [
      'UserKnownHostsFile ~/a "/b c" ~other/%n',
      { userKnownHostsFile: ['/home/me/a', '/b c', '/home/other/db'] },
    ],
    ['UserKnownHostsFile none', { userKnownHostsFile: [] }],
    ['GlobalKnownHostsFile ~/%h ${KEYS}', { globalKnownHostsFile: ['/home/me/%h', '${KEYS}'] }],
    ['RevokedHostKeys ~/revoked', { revokedHostKeys: '/home/me/revoked' }],
    ['IdentitiesOnly yes', { identitiesOnly: true }],
    ['IdentityAgent none', { identityAgent: 'none' }],
    ['IdentityAgent SSH_AUTH_SOCK', { identityAgent: 'SSH_AUTH_SOCK' }],
    ['IdentityAgent $KEYS', { identityAgent: '$KEYS' }],
    ['IdentityAgent "${KEYS}/a b"', { identityAgent: '/keys/a b' }],
    ['ForwardAgent yes', { forwardAgent: true }],
    ['ForwardAgent no', { forwardAgent: false }],
    ['ForwardAgent yes\nForwardAgent no\nForwardAgent /s', { forwardAgent: '/s' }],
    ['ForwardAgent no\nForwardAgent /s', { forwardAgent: false }],
    ['ForwardAgent /s\nForwardAgent no', { forwardAgent: '/s' }],
    ['ForwardAgent ~/%n.sock', { forwardAgent: '/home/me/db.sock' }],
    ['PreferredAuthentications gssapi-with-mic,password', { preferredAuthentications: ['password'] }],
    ['NumberOfPasswordPrompts 1', { numberOfPasswordPrompts: 1 }],
    ['Compression yes', { compression: true }],
    ['Ciphers aes256-ctr,aes128-ctr', { ciphers: ['aes256-ctr', 'aes128-ctr'] }],
    ['BindAddress 192.0.2.1', { bindAddress: '192.0.2.1' }],
    ['TCPKeepAlive no', { tcpKeepAlive: false }],
    ['ConnectionAttempts 3', { connectionAttempts: 3 }],
    ['PubkeyAuthentication host-bound', { pubkeyAuthentication: 'host-bound' }],
    ['PubkeyAuthentication yes', { pubkeyAuthentication: 'yes' }],
    ['PasswordAuthentication no', { passwordAuthentication: false }],
    ['BatchMode yes', { batchMode: true }],
    ['SendEnv LANG LC_*\nSendEnv -LANG X', { sendEnv: ['LC_*', 'X'] }],
    ['SetEnv A=1 "B=2 3"', { setEnv: { A: '1', B: '2 3' } }],
    [
      'SetEnv __proto__=1',
      { setEnv: Object.defineProperty({}, '__proto__', { value: '1', enumerable: true }) },
    ],
    ['RemoteCommand echo %n %% ${KEYS}', { remoteCommand: 'echo db % ${KEYS}' }],
    ['RequestTTY force', { requestTty: 'force' }],
    ['RequestTTY true', { requestTty: 'yes' }],
    ['LogLevel debug', {}],
  ])('%s', async (line, settings) => {
    expect(await valuesOf(line)).toEqual(settings)
  })

  test('with an operator, a list of algorithms changes the one that ssh has', async () => {
    const added = await valuesOf('Ciphers +aes128-cbc')
    expect(added.ciphers?.at(-1)).toBe('aes128-cbc')
    expect(added.ciphers).toContain('aes256-ctr')
    expect((await valuesOf('MACs -*-etm@openssh.com')).macs?.join()).not.toContain('etm')
    expect((await valuesOf('KexAlgorithms ^ecdh-sha2-nistp256')).kexAlgorithms?.[0]).toBe(
      'ecdh-sha2-nistp256',
    )
  })
})

test.each([
  ['HostKeyAlgorithms ssh-ed25519,rsa-sha2-512', []],
  ['HostKeyAlgorithms ^rsa-sha2-512', []],
  ['HostKeyAlgorithms +ssh-rsa', ['hostKeyAlgorithms']],
  ['HostKeyAlgorithms -rsa*\nHostKeyAlgorithms rsa-sha2-512', ['hostKeyAlgorithms']],
  ['SendEnv -X', []],
])('whether a list is OpenSSH’s own with changes is told: %j', async (text, names) => {
  const { origins } = mergeLayers([(await layerOfText(text)).layer])
  const changed = settingNames.filter((name) => origins[name].parts.some((part) => part.isOwnListChanged))
  expect(changed).toEqual(names)
})

describe('key files', () => {
  test('gather from all lines, each expanded', async () => {
    const { layer } = await layerOfText(
      'User ops\nPort 2200\nIdentityFile ~/%r@%h:%p\nIdentityFile ${KEYS}/%u\nHost *\nIdentityFile ~other/key',
    )
    expect(layer.values.identityFile).toEqual(['/home/me/ops@db:2200', '/keys/me', '/home/other/key'])
    expect(layer.originOf('identityFile')).toBe('c:3, c:4, c:6')
  })

  test('of which some are `none` are the others, and none where all are', async () => {
    expect(await valuesOf('IdentityFile none\nIdentityFile /a\nIdentityFile NONE')).toEqual({
      identityFile: ['/a'],
    })
    expect(await valuesOf('IdentityFile none')).toEqual({ identityFile: [] })
  })
})

describe('what the tokens see', () => {
  const line = 'RemoteCommand %r@%h:%p'

  test('is what the caller says, before the files', async () => {
    const given = { user: 'root', port: 22 }
    expect(await valuesOf(`${line}\nUser ops\nPort 2200`, { given })).toEqual({ remoteCommand: 'root@db:22' })
  })

  test('is what other sources say, where the files say nothing', async () => {
    const otherwise = { user: 'deploy', port: 2222 }
    expect((await valuesOf(line, { otherwise })).remoteCommand).toBe('deploy@db:2222')
    expect((await valuesOf(`${line}\nUser ops\nPort 2200`, { otherwise })).remoteCommand).toBe('ops@db:2200')
    expect((await valuesOf(line)).remoteCommand).toBe('me@db:22')
  })

  test('is a user who was made of tokens, too', async () => {
    expect(await valuesOf(`${line}\nUser %u-%n`)).toEqual({ user: 'me-db', remoteCommand: 'me-db@db:22' })
  })

  test('is the real host, the one that was named, the alias in small letters, and the hosts to jump through', async () => {
    const text = 'RemoteCommand %h %n %k %j\nHostName Db.Internal\nHostKeyAlias ALIAS\nProxyJump gw:2200'
    expect((await valuesOf(text)).remoteCommand).toBe('db.internal db alias gw:2200')
    expect((await valuesOf('RemoteCommand [%j]\nProxyJump none')).remoteCommand).toBe('[]')
  })
})

test('a host name that is another one without HostName has an origin', async () => {
  const config = parseSshConfig('CanonicalizeHostname yes', { file: 'c', env, account: local })
  const answer = { ...(await config.lookUp({ host: 'db' })), hostName: 'db.internal' }
  const { layer } = layerOf(answer, { given: {}, local, env })
  expect(layer.values.hostName).toBe('db.internal')
  expect(layer.originOf('hostName')).toBe('c:1')
  expect((await layerOfText('', {}, 'DB')).layer.values.hostName).toBeUndefined()
})

test('what came too late in the files is told as beaten', async () => {
  const { layer } = await layerOfText('Port 1\nPort 2\nHost d*\nPort 3')
  const { origins } = mergeLayers([layer])
  expect(origins.port).toMatchObject({ from: 'c:1', beat: ['c:2', 'c:4'] })
})

describe('the gateway', () => {
  const hop = (host: string, user?: string, port?: number) => ({ host, user, port })
  const at = (line: number) => ({ source: 'ssh_config', origin: `c:${line}` })
  test.each([
    ['', undefined],
    ['ProxyJump ops@gw:2200,inner', { ...at(1), kind: 'jump', hops: [hop('gw', 'ops', 2200), hop('inner')] }],
    [
      'ProxyJump %h-gw%%,%r@%n.b:2200',
      { ...at(1), kind: 'jump', hops: [hop('db-gw%'), hop('db.b', 'me', 2200)] },
    ],
    ['ProxyCommand nc %h %p', { ...at(1), kind: 'command', command: 'nc %h %p' }],
    ['ProxyCommand nc x\nProxyJump y', { ...at(1), kind: 'command', command: 'nc x' }],
    ['ProxyJump y\nProxyCommand nc x', { ...at(1), kind: 'jump', hops: [hop('y')] }],
    ['ProxyCommand none\nProxyJump y', { ...at(1), kind: 'direct' }],
    ['ProxyCommand None\nProxyCommand x', { ...at(1), kind: 'direct' }],
    ['ProxyJump none\nProxyJump y', { ...at(1), kind: 'direct' }],
    ['ProxyJump none\nProxyCommand nc x', { ...at(2), kind: 'command', command: 'nc x' }],
    ['ProxyJump none\nProxyCommand none', { ...at(2), kind: 'direct' }],
  ])('of %j', async (text, gateway) => {
    expect((await layerOfText(text)).gateway).toEqual(gateway)
  })

  test('that was passed over for the other kind is told', async () => {
    const { warnings } = await layerOfText('ProxyJump y\nHost *\nProxyCommand nc x')
    expect(warnings).toEqual(['c:1: ProxyJump stands before the ProxyCommand of c:3, which has no effect'])
    expect((await layerOfText('ProxyJump y\nHost x\nProxyCommand nc x')).warnings).toEqual([])
  })

  test('cannot be the streams of this process', async () => {
    expect(await failureOf('ProxyCommand -')).toMatchObject({ code: 'UNSUPPORTED_OPTION', origin: 'c:1' })
  })
})

test('what has no effect here is listed, with where it stands', async () => {
  const { unused } = await layerOfText('ForwardX11 yes\nControlPath ~/%C\nUser x\nHost *\nTunnel yes')
  expect(unused).toEqual(
    expect.arrayContaining([
      { keyword: 'ForwardX11', words: ['yes'], origin: 'c:1' },
      { keyword: 'ControlPath', words: ['~/%C'], origin: 'c:2' },
    ]),
  )
  expect(unused.map(({ origin }) => origin)).toEqual(['c:1', 'c:2', 'c:5'])
})

describe('what would be less safe to ignore', () => {
  test.each([
    ['KnownHostsCommand /bin/true', 'UNSUPPORTED_OPTION', /KnownHostsCommand is not supported/],
    ['ProxyCommand nc\nProxyUseFdpass yes', 'UNSUPPORTED_OPTION', /ProxyUseFdpass is not supported/],
    ['RefuseConnection "Use the new one"', 'CONNECTION_NOT_ALLOWED', /Use the new one/],
    ['RefuseConnection none', 'CONNECTION_NOT_ALLOWED', /none/],
  ])('%j is an error', async (text, code, message) => {
    const line = text.split('\n').length
    expect(await failureOf(text)).toMatchObject({
      name: 'ConfigError',
      code,
      origin: `c:${line}`,
      message: expect.stringMatching(message),
      problems: [{ origin: `c:${line}`, message: expect.stringMatching(message) }],
    })
  })

  test.each([
    ['CertificateFile ~/cert'],
    ['VerifyHostKeyDNS yes'],
    ['VerifyHostKeyDNS ask'],
    ['StdinNull yes'],
  ])('%j is a warning', async (text) => {
    const { warnings } = await layerOfText(text)
    expect(warnings).toEqual([expect.stringMatching(/^c:1: /)])
  })

  test.each([
    ['ProxyUseFdpass yes'],
    ['ProxyUseFdpass yes\nProxyJump gw'],
    ['ProxyUseFdpass yes\nProxyCommand none'],
    ['ProxyUseFdpass no\nProxyCommand nc'],
    ['KnownHostsCommand none'],
    ['CertificateFile none'],
    ['VerifyHostKeyDNS no'],
    ['CASignatureAlgorithms ssh-ed25519'],
    ['StdinNull no'],
  ])('%j is neither', async (text) => {
    expect((await layerOfText(text)).warnings).toEqual([])
  })

  test('nothing runs on a host that only leads on, so that StdinNull says nothing about it', async () => {
    expect((await layerOfText('StdinNull yes', { sessionType: 'none' })).warnings).toEqual([])
  })

  test('a caller’s own gateway makes the one of the files harmless', async () => {
    const { warnings } = await layerOfText('ProxyCommand nc\nProxyUseFdpass yes', { proxied: true })
    expect(warnings).toEqual([])
  })
})

describe('mistakes that only show when a value is used', () => {
  test('are all told, each with its line', async () => {
    const error = await failureOf(
      'User %r\nIdentityFile %z\nUserKnownHostsFile ~nobody/x ${NONE}\nConnectionAttempts 0',
    )
    expect(error.name).toBe('ConfigError')
    expect(error.problems.map(({ origin }) => origin).sort()).toEqual(['c:1', 'c:2', 'c:3', 'c:4'])
    expect(error.message).toBe(`${error.origin}: ${error.problems[0]?.message}`)
  })

  test('name the keyword', async () => {
    const { code, message } = await failureOf('ConnectionAttempts 0')
    expect({ code, message }).toEqual({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/^c:1: ConnectionAttempts: must be a whole number/),
    })
  })

  test.each(['ControlPath ~/%z', 'ControlPath ${NONE}', 'CertificateFile %z', 'VersionAddendum %z'])(
    'matter in what has no effect here, too: %s',
    async (line) => {
      expect(await failureOf(line)).toMatchObject({ name: 'ConfigError', origin: 'c:1' })
    },
  )

  test('do not matter in blocks for other hosts', async () => {
    expect(await valuesOf('Host other\nIdentityFile %z\nUserKnownHostsFile ${NONE}')).toEqual({})
  })
})
