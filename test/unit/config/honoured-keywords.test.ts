// From a line of ssh_config to a setting: each keyword that a setting has, by the words that ssh has for its values.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingNames, settingsTable } from '../../../src/config/settings.js'
import { resolve } from '../../../src/resolve.js'
import { scratchDir } from '../../support/run-dir.js'

/** A line, and what the setting of its keyword then is. */
const lines: Readonly<Record<string, readonly [line: string, expected: unknown][]>> = {
  User: [['User ops', 'ops']],
  Port: [['Port 2200', 2200]],
  HostName: [['HostName %h.example', 'box.example']],
  AddressFamily: [['AddressFamily inet6', 'inet6']],
  BindAddress: [['BindAddress 192.0.2.1', '192.0.2.1']],
  BindInterface: [['BindInterface eth0', 'eth0']],
  ConnectionAttempts: [['ConnectionAttempts 4', 4]],
  TCPKeepAlive: [
    ['TCPKeepAlive no', false],
    ['KeepAlive no', false],
  ],
  ConnectTimeout: [
    ['ConnectTimeout 1m30', 90_000],
    ['ConnectTimeout none', 0],
    ['ConnectTimeout 9w', 2 ** 31 - 1],
  ],
  ServerAliveInterval: [
    ['ServerAliveInterval 0', 0],
    ['ServerAliveInterval 45', 45_000],
  ],
  ServerAliveCountMax: [['ServerAliveCountMax 0', 0]],
  StrictHostKeyChecking: [
    ['StrictHostKeyChecking off', 'no'],
    ['StrictHostKeyChecking ask', 'ask'],
    ['StrictHostKeyChecking true', 'yes'],
  ],
  HostKeyAlias: [['HostKeyAlias db', 'db']],
  UserKnownHostsFile: [
    ['UserKnownHostsFile /a "/b c"', ['/a', '/b c']],
    ['UserKnownHostsFile none', []],
  ],
  GlobalKnownHostsFile: [['GlobalKnownHostsFile /a', ['/a']]],
  HashKnownHosts: [['HashKnownHosts yes', true]],
  RevokedHostKeys: [['RevokedHostKeys /revoked', '/revoked']],
  NoHostAuthenticationForLocalhost: [['NoHostAuthenticationForLocalhost yes', true]],
  RequiredRSASize: [['RequiredRSASize 3072', 3072]],
  IdentityFile: [['IdentityFile /a\nIdentityFile "/b c"', ['/a', '/b c']]],
  IdentitiesOnly: [['IdentitiesOnly yes', true]],
  IdentityAgent: [
    ['IdentityAgent none', 'none'],
    ['IdentityAgent /agent', '/agent'],
  ],
  PreferredAuthentications: [
    ['PreferredAuthentications gssapi-with-mic,password,publickey', ['password', 'publickey']],
  ],
  PubkeyAuthentication: [
    ['PubkeyAuthentication no', 'no'],
    ['PubkeyAuthentication host-bound', 'host-bound'],
  ],
  PasswordAuthentication: [['PasswordAuthentication no', false]],
  KbdInteractiveAuthentication: [
    ['KbdInteractiveAuthentication no', false],
    ['ChallengeResponseAuthentication no', false],
  ],
  PubkeyAcceptedAlgorithms: [
    ['PubkeyAcceptedAlgorithms ssh-ed25519,rsa-sha2-512', ['ssh-ed25519', 'rsa-sha2-512']],
  ],
  NumberOfPasswordPrompts: [['NumberOfPasswordPrompts 0', 0]],
  BatchMode: [['BatchMode yes', true]],
  ForwardAgent: [
    ['ForwardAgent yes', true],
    ['ForwardAgent /agent', '/agent'],
  ],
  KexAlgorithms: [['KexAlgorithms curve25519-sha256', ['curve25519-sha256']]],
  HostKeyAlgorithms: [['HostKeyAlgorithms ssh-ed25519', ['ssh-ed25519']]],
  Ciphers: [['Ciphers aes256-ctr,aes128-ctr', ['aes256-ctr', 'aes128-ctr']]],
  MACs: [['MACs hmac-sha2-256', ['hmac-sha2-256']]],
  Compression: [['Compression yes', true]],
  SendEnv: [['SendEnv LANG LC_*\nSendEnv TZ\nSendEnv -LANG', ['LC_*', 'TZ']]],
  SetEnv: [['SetEnv A=1 "B=two words"', { A: '1', B: 'two words' }]],
  RemoteCommand: [['RemoteCommand echo  %n "x"', 'echo  box "x"']],
  RequestTTY: [
    ['RequestTTY force', 'force'],
    ['RequestTTY true', 'yes'],
  ],
  SessionType: [['SessionType none', 'none']],
  LocalForward: [
    [
      'LocalForward 8080 db:5432\nLocalForward [::1]:81 [2001:db8::1]:82',
      ['8080:[db]:5432', '[::1]:81:[2001:db8::1]:82'],
    ],
    ['LocalForward /run/%n.sock /b', ['/run/box.sock:/b']],
  ],
  RemoteForward: [
    ['RemoteForward 0 localhost:3000', ['0:[localhost]:3000']],
    ['RemoteForward *:1080', ['[*]:1080']],
  ],
  DynamicForward: [['DynamicForward 1080\nDynamicForward *:1081', ['1080', '[*]:1081']]],
  ClearAllForwardings: [['ClearAllForwardings yes', true]],
  ExitOnForwardFailure: [['ExitOnForwardFailure yes', true]],
  GatewayPorts: [['GatewayPorts yes', true]],
  PermitRemoteOpen: [
    ['PermitRemoteOpen db:5432 *:80', ['db:5432', '*:80']],
    ['PermitRemoteOpen none', ['none']],
  ],
  StreamLocalBindMask: [['StreamLocalBindMask 0117', 0o117]],
  StreamLocalBindUnlink: [['StreamLocalBindUnlink yes', true]],
}

const rows = settingNames.flatMap((name) => {
  const { keyword } = settingsTable[name]
  if (keyword === undefined) return []
  return (lines[keyword] ?? [['', undefined] as const]).map(([line, expected]) => ({ name, line, expected }))
})

test.each(rows)('$name: $line', async ({ name, line, expected }) => {
  expect(line).not.toBe('')
  const sshConfig = join(scratchDir('honoured'), 'config')
  writeFileSync(sshConfig, `Host box\n${line}\n`)
  const { hops } = await resolve('box', { sshConfig, config: false })
  const [hop] = hops
  const value = hop?.settings[name]
  const plain = name === 'setEnv' ? { ...(value as object) } : value
  expect(plain).toEqual(expected)
  expect(hop?.origins[name].parts).toMatchObject([{ source: 'ssh_config' }])
})
