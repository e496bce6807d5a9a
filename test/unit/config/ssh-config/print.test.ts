// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of ssh_config look like that

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Obtained, SshConfigAnswer } from '../../../../src/config/ssh-config/answer.js'
import { Unacceptable } from '../../../../src/config/ssh-config/keyword.js'
import {
  findKeyword,
  findRetired,
  joinObtained,
  type KeywordName,
} from '../../../../src/config/ssh-config/keywords.js'
import { localAccount } from '../../../../src/config/ssh-config/local-account.js'
import { printSshConfig } from '../../../../src/config/ssh-config/print.js'
import { splitLine } from '../../../../src/config/ssh-config/words.js'
import { ConfigError } from '../../../../src/errors.js'

// Lines without blocks: what one host gets, without the look-up that chooses blocks.
function answerOf(text: string): SshConfigAnswer {
  const values = new Map<KeywordName, readonly Obtained[]>()
  for (const [index, line] of text.split('\n').entries()) {
    const split = splitLine(line)
    if (split === undefined || findRetired(split.keyword) !== undefined) continue
    const found = findKeyword(split.keyword)
    if (found === undefined) throw new Unacceptable('bad configuration option')
    const words = found.keyword.read(split.args, process.env)
    const before = values.get(found.name) ?? []
    values.set(found.name, joinObtained(found.name, before, { words, origin: `f:${index + 1}` }))
  }
  for (const [name, obtained] of values) if (obtained.length === 0) values.delete(name)
  const hostName = values.get('HostName')?.[0]?.words[0]?.toLowerCase() ?? 'host'
  return { host: 'host', hostName, values, beaten: new Map(), warnings: [] }
}

function ours(text: string): string | undefined {
  try {
    const local = { ...localAccount(), home: userInfo().homedir }
    return printSshConfig(answerOf(text), { local, env: process.env })
  } catch (error) {
    if (error instanceof Unacceptable || error instanceof ConfigError) return undefined
    throw error
  }
}

let directory: string
beforeAll(() => {
  execFileSync('ssh', ['-V'], { stdio: 'ignore' })
  directory = mkdtempSync(join(tmpdir(), 'print-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function theirs(text: string): string | undefined {
  const file = join(directory, 'config')
  writeFileSync(file, text)
  const { status, stdout } = spawnSync('ssh', ['-G', '-F', file, 'host'], { encoding: 'utf8' })
  return status === 0 ? stdout : undefined
}

const configurations = {
  nothing: [''],
  words: [
    'Port = 23 # c',
    'Port=23',
    '"Port" "23"',
    "Port '23'",
    'Po"rt" 23',
    'P"or"t 22',
    '= Port 23',
    ' = Port 23',
    '"Port 23',
    '"" Port 23',
    'Port == 23',
    'Port\t23\f',
    '\fPort 23',
    'Port',
    'Port =',
    'Port #23',
    'Port ""',
    'Port 2\\3',
    'Port "23" 24',
    'IdentityFile a\\ b',
    'IdentityFile "a\\ b"',
    'IdentityFile "a\\"b"\'c d\'e\\\\f\\g',
    'IdentityFile a#b',
    'IdentityFile "a',
    "IdentityFile a'",
    'IdentityFile a "#b"',
    '#Port "',
    '   # x',
    'PORT 23\r',
    'nonsense 1',
    'nonsense',
    'Port 23\0 24',
  ],
  numbers: [
    'Port ssh',
    'Port 0',
    'Port 65536',
    'Port " +22"',
    'Port 022',
    'Port 22x',
    'ConnectionAttempts 0',
    'ConnectionAttempts 2147483647',
    'ConnectionAttempts 2147483648',
    'NumberOfPasswordPrompts -1',
    'ServerAliveCountMax -0',
    'RequiredRSASize 5',
    'StreamLocalBindMask 1777',
    'StreamLocalBindMask 01x\nStreamLocalBindMask 077',
    'StreamLocalBindMask 8',
    'StreamLocalBindMask 0',
  ],
  times: [
    'ConnectTimeout none\nConnectTimeout 5',
    'ConnectTimeout 1w2D3h4M5s6',
    'ConnectTimeout m',
    'ConnectTimeout 1mm',
    'ConnectTimeout 4000w',
    'ConnectTimeout 3550w',
    'ConnectTimeout NONE',
    'ServerAliveInterval none',
    'ServerAliveInterval 99999999999',
    'ProtocolKeepAlives 12',
    'ForwardX11Timeout 5w',
    'ControlPersist 0',
    'ControlPersist 10m',
    'ControlPersist YES',
    'ControlPersist no\nControlPersist 5',
    'RekeyLimit 1G\nRekeyLimit 2.5G 1h',
    'RekeyLimit 1.5K none\nRekeyLimit 1K 5',
    'RekeyLimit default 30',
    'RekeyLimit 15',
    'RekeyLimit 0',
    'RekeyLimit 1Kx',
    'RekeyLimit 16B',
    'RekeyLimit 17.9',
    'RekeyLimit 1.2.3M',
    'RekeyLimit -5',
    'RekeyLimit 5000000000000000000K',
    'RekeyLimit 1M 1h 2',
    'AddKeysToAgent confirm 5m',
    'AddKeysToAgent 5m',
    'AddKeysToAgent yes 5m',
    'AddKeysToAgent Ask',
    'AddKeysToAgent 0',
  ],
  choices: [
    'StrictHostKeyChecking off',
    'StrictHostKeyChecking YES',
    'StrictHostKeyChecking accept-new\nUpdateHostkeys ask\nVerifyHostKeyDNS yes',
    'StrictHostKeyChecking maybe',
    'Tunnel yes\nTunnelDevice 3\nControlMaster autoask',
    'TunnelDevice any:7',
    'TunnelDevice x',
    'TunnelDevice 2147483647',
    'TunnelDevice 2147483645',
    'PubkeyAuthentication host-bound\nRequestTTY force\nSessionType none',
    'Compression true',
    'DSAAuthentication no',
    'SkeyAuthentication no\nChallengeResponseAuthentication yes',
    'KeepAlive no',
    'CanonicalizeHostname no\nCanonicalizeMaxDots 5',
    'LogLevel debug1',
    'LogLevel silent',
    'LogLevel debug3',
    'LogLevel loud',
    'SyslogFacility local7',
    'SyslogFacility none',
    'FingerprintHash md5',
    'FingerprintHash sha1',
    'FingerprintHash foo',
    'AddressFamily INET6',
    'IPQoS af21 cs1',
    'IPQoS 0x12',
    'IPQoS 0x10 none',
    'IPQoS reliability LE',
    'IPQoS 010 255',
    'IPQoS 256',
    'IPQoS ef x',
    'IPQoS #',
    'EscapeChar ^A',
    'EscapeChar ^_',
    'EscapeChar ^?',
    'EscapeChar ^\\x7f',
    'EscapeChar " "',
    'EscapeChar "\\\\"',
    'EscapeChar none',
    'EscapeChar ab',
    'EscapeChar é',
    'EscapeChar ^a',
  ],
  lists: [
    'LogVerbose a b c\nLogVerbose d',
    'LogVerbose a none',
    'LogVerbose #',
    'GlobalKnownHostsFile none\nUserKnownHostsFile ~/a%h /b',
    'UserKnownHostsFile ~/.ssh/known_hosts',
    'UserKnownHostsFile None',
    'UserKnownHostsFile a none',
    'UserKnownHostsFile a ""',
    `UserKnownHostsFile ${'a '.repeat(32)}`,
    `UserKnownHostsFile ${'a '.repeat(33)}`,
    'UserKnownHostsFile #',
    'CanonicalDomains Foo.COM. b',
    'CanonicalDomains none',
    'CanonicalDomains a..b',
    'CanonicalDomains -a',
    'CanonicalDomains a_b-c',
    'CanonicalizePermittedCNAMEs none',
    'CanonicalizePermittedCNAMEs a:',
    'PermitRemoteOpen a:1 [::1]:*',
    'PermitRemoteOpen ANY',
    'PermitRemoteOpen any a:1',
    'PermitRemoteOpen a',
    'PermitRemoteOpen ::1:2',
    'PermitRemoteOpen #',
    'SendEnv A B* -A B C\nSendEnv -B?',
    'SendEnv A=b',
    'SendEnv #',
    'SetEnv A=%h B=1 A=2\nSetEnv C=3',
    'SetEnv A',
    'SetEnv #',
    'IdentityFile none\nIdentityFile ~/%h\nIdentityFile none\nCertificateFile ~/c\nCertificateFile ~/c',
    'UpdateHostKeys ask\nControlPersist yes\nControlPath x',
    'UpdateHostKeys ask\nRemoteCommand x',
    'UpdateHostKeys ask\nRequestTTY no',
    'UpdateHostKeys ask\nLogLevel quiet',
    'VerifyHostKeyDNS no',
  ],
  algorithms: [
    'Ciphers +aes128-cbc',
    'Ciphers -*gcm*',
    'Ciphers ^aes256-ctr,aes128-cbc',
    'Ciphers +*cbc',
    'Ciphers foo',
    'Ciphers -foo',
    'Ciphers -*',
    'Ciphers -aes*,!aes128-ctr',
    'Ciphers aes128-ctr,aes128-ctr',
    'Ciphers ,aes128-ctr,,',
    'Ciphers +',
    'Ciphers aes128-ctr,,x',
    'MACs +hmac-md5',
    'MACs hmac-sha1,,x',
    'KexAlgorithms ^diffie-hellman-group1-sha1,curve25519-sha256',
    'KexAlgorithms ext-info-c',
    'KexAlgorithms gss-gex-sha1-,curve25519-sha256',
    'GSSAPIKexAlgorithms gss-gex-sha1-,gss-group1-sha1-',
    'GSSAPIKexAlgorithms foo',
    'HostKeyAlgorithms +ssh-rsa*',
    'HostKeyAlgorithms ssh-*',
    'HostKeyAlgorithms foo*',
    'HostKeyAlgorithms -ssh-*,sk*,*cert*',
    'HostKeyAlgorithms ^ssh-rsa,rsa*',
    'HostKeyAlgorithms ssh-ed25519,RsA',
    'HostKeyAlgorithms SSH-ED25519',
    'HostKeyAlgorithms RSA',
    'HostKeyAlgorithms +*',
    'HostbasedKeyTypes ssh-rsa\nPubkeyAcceptedKeyTypes -',
    'CASignatureAlgorithms ssh-rsa',
    'CASignatureAlgorithms +*',
    'CASignatureAlgorithms *',
  ],
  forwards: [
    'LocalForward 80 h:1\nLocalForward 80 h:1\nLocalForward [::1]:80 /tmp/%h\nDynamicForward *:1080',
    'DynamicForward 1080\nLocalForward /a/%p /b',
    'RemoteForward 99\nRemoteForward 0 a:1\nRemoteForward /s/%h 1.2.3.4:5\nRemoteForward [::]:7',
    'RemoteForward /s',
    'LocalForward :80 h:http',
    'LocalForward 80',
    'LocalForward 0 h:1',
    'LocalForward 80 h:0',
    'LocalForward 80 h',
    'LocalForward 80 h:1:2',
    'LocalForward a:80 h:1:2',
    'LocalForward a:80 h:1',
    'LocalForward /a:80 h:1',
    'LocalForward /a /b:1',
    'LocalForward /a:22 /b',
    'LocalForward /a h:1',
    'LocalForward /a h',
    'LocalForward a/b 22:33',
    'LocalForward [/a] [/b]',
    'LocalForward [a]80 h:1',
    'LocalForward [a h:1',
    'LocalForward a\\:80 h:1',
    'LocalForward "80\\\\:1" h:1',
    'LocalForward /a\\\\:b /c',
    'LocalForward 80 h:1 x',
    `LocalForward ${'/a'.repeat(60)} h:1`,
    'LocalForward ${HOME}/x h:1',
    'LocalForward ${NO_SUCH_VARIABLE} h:1',
    'LocalForward ${HOME h:1',
    'DynamicForward a:b:c',
    'DynamicForward 1 2',
    'DynamicForward [::1]:80',
    'DynamicForward /s',
    'DynamicForward ""',
    'ClearAllForwardings yes\nLocalForward 1 h:1\nRemoteForward 1 h:1\nTunnel yes\nDynamicForward 1',
    'ForwardAgent no\nForwardAgent /tmp/x%h',
    'ForwardAgent /tmp/x%h\nForwardAgent no',
    'ForwardAgent yes\nForwardAgent no\nForwardAgent $FOO_BAR',
    'ForwardAgent ${NO_SUCH_VARIABLE}',
    'IdentityAgent $FOO-BAR',
    'IdentityAgent ~/x%h${HOME}',
    'IdentityAgent SSH_AUTH_SOCK',
    'IdentityAgent none',
  ],
  gateways: [
    'ProxyJump a b',
    'ProxyJump a,b # x',
    'ProxyJump NONE',
    'ProxyJump ssh://u;x@h:2222/,ssh://a:33',
    'ProxyJump ssh://u@h:2222/',
    'ProxyJump ssh://u%41+b@h:2222',
    'ProxyJump ssh://u%4@h',
    'ProxyJump ssh://u%00v@h',
    'ProxyJump ssh://;@h',
    'ProxyJump ssh://h_x./',
    'ProxyJump ssh://h/p',
    'ProxyJump ssh://h:22/p',
    'ProxyJump ssh://h:22/',
    'ProxyJump ssh://h:/',
    'ProxyJump ssh://[::1]',
    'ProxyJump ssh://[a]:5',
    'ProxyJump ssh://a@b@c',
    'ProxyJump SSH://a',
    'ProxyJump a@b@c:ssh',
    'ProxyJump @b',
    'ProxyJump a@',
    'ProxyJump []',
    'ProxyJump a/b',
    'ProxyJump [a]x',
    'ProxyJump [::1]:5',
    'ProxyJump a:1:2',
    'ProxyJump ::1',
    'ProxyJump a,,b',
    'ProxyJump ,b',
    'ProxyJump b,',
    'ProxyJump "b"',
    'ProxyJump = = b',
    'ProxyJump #b',
    'ProxyJump b#c',
    'ProxyJump none,b',
    'ProxyJump none:22',
    'ProxyJump 1.2.3.4:',
    'ProxyUseFdpass yes\nProxyJump a',
    'ProxyUseFdpass yes\nProxyCommand a',
    'ProxyCommand nc "%h" %p # x',
    'ProxyCommand = = x',
    'ProxyCommand none',
    'ProxyCommand "nc',
  ],
  rest: [
    'HostName Real.Example\nHostKeyAlias FoO\nControlPath ~/%C-%k-%h-%n-%p-%r',
    'User other\nRemoteCommand echo %h %r %% # c',
    'LocalCommand None\nRemoteCommand none\nKnownHostsCommand none\nRevokedHostKeys none',
    'RevokedHostKeys ~/x%h\nKnownHostsCommand /x %h\nLocalCommand foo # bar',
    'SecurityKeyProvider none\nPKCS11Provider none\nControlPath none',
    'SmartcardDevice /p\nSecurityKeyProvider /q',
    'XAuthLocation /x\nBindInterface lo\nBindAddress 1\nKbdInteractiveDevices a,b\nPreferredAuthentications x,y',
    'GSSAPIAuthentication yes\nGSSAPIClientIdentity a\nGSSAPIServerIdentity b\nGSSAPITrustDns yes',
    'IgnoreUnknown foo,b*',
    'Cipher y\nProtocol z\nRSAAuthentication x\nUseBlacklistedKeys',
    'Cipher y\nProtocol z\nRSAAuthentication x\nUseBlacklistedKeys 1 2 3',
    'BatchMode yes\nServerAliveInterval 5',
    'BatchMode yes\nIdentitiesOnly yes\nHashKnownHosts yes\nStdinNull true\nEnableEscapeCommandline yes',
  ],
}

describe.each(Object.entries(configurations))('%s: what ssh -G says of', (_theme, texts) => {
  test.each(texts)('%j', (text) => {
    expect(ours(text)?.split('\n')).toEqual(theirs(text)?.split('\n'))
  })
})

test('a comment names the place of each value that was obtained, and of no default', () => {
  const text = 'Port 5\nSendEnv A\nSendEnv B\nRekeyLimit 1K\nRekeyLimit 1K 5\nCanonicalDomains none'
  const local = localAccount()
  const printed = printSshConfig(answerOf(text), { local, env: {}, origins: true })
  expect(printed.split('\n').filter((line) => line.includes('#'))).toEqual([
    'port 5 # f:1',
    'canonicaldomains none # f:6',
    'sendenv A # f:2',
    'sendenv B # f:3',
    'rekeylimit 1024 5 # f:4, f:5',
  ])
})

test('keywords newer than the judge are printed where they were set, and only there', () => {
  const local = localAccount()
  const print = (text: string) => printSshConfig(answerOf(text), { local, env: {} }).split('\n')
  const text = 'ChannelTimeout session=5m\nObscureKeystrokeTiming interval:80\nTag x\nVersionAddendum a # b'
  expect(print(text).filter((line) => !print('').includes(line))).toEqual([
    'obscurekeystroketiming 80',
    'tag x',
    'versionaddendum a',
    'channeltimeout session=5m',
  ])
})
