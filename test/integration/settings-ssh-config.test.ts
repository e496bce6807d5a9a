// Lists and files that ssh_config has for OpenSSH, honoured on a real sshd as far as they can be.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { Connection } from '../../src/index.js'
import { hostBlock, sshConfigFile } from '../support/config-hosts.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { warningsOf } from '../support/warnings.js'

leakCheck()

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd({
    hostKeyTypes: ['ed25519', 'rsa'],
    config: ['AcceptEnv SPT_*', 'LogLevel INFO'],
  })
})
afterAll(async () => {
  await sshd[Symbol.asyncDispose]()
})

/** A connection to `box`, about which only these lines say anything. */
function boxWith(...lines: readonly string[]): Connection {
  const sshConfig = sshConfigFile(hostBlock('box', sshd, ...lines))
  return new Connection('box', { sshConfig, config: false })
}

test('algorithms that only OpenSSH has are left out, and said to be', async () => {
  await using box = boxWith(
    'KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256',
    'MACs umac-128-etm@openssh.com,hmac-sha2-512',
    'Ciphers aes256-ctr',
    'HostKeyAlgorithms +ssh-rsa',
    'PubkeyAcceptedAlgorithms +ssh-rsa',
  )
  const warnings = await warningsOf(() => box.open())
  expect(warnings.filter((text) => text.includes('left out'))).toEqual([
    expect.stringMatching(/config:2: of kexAlgorithms, .* left out: sntrup761x25519-sha512@openssh\.com$/),
    expect.stringMatching(/config:5: of hostKeyAlgorithms, .*-cert-v01@openssh\.com/),
    expect.stringMatching(/config:3: of macs, .*umac-128-etm@openssh\.com$/),
    expect.stringMatching(/config:6: of pubkeyAcceptedAlgorithms, .*sk-/),
  ])
})

test('a list with nothing else in it is an error that names its line', async () => {
  await using box = boxWith('Ciphers aes256-ctr', 'MACs umac-64@openssh.com')
  expect(await failureOf(box.open())).toMatchObject({
    code: 'UNSUPPORTED_OPTION',
    origin: expect.stringMatching(/config:3$/),
  })
})

test('where ssh would run no command, none is run, until SessionType default is given', async () => {
  await using box = boxWith('SessionType none')
  expect(await failureOf(box.run('true'))).toMatchObject({
    code: 'UNSUPPORTED_OPTION',
    hint: expect.stringContaining('SessionType=default'),
  })
  // A socket is no session.
  const socket = await box.dial({ host: sshd.host, port: sshd.port })
  socket.destroy()
  await using usual = boxWith('SessionType default', 'SessionType none')
  expect(await usual.run('echo run')).toMatchObject({ stdout: 'run\n' })
})

test('a key file that is not there is passed over', async () => {
  await using box = boxWith('IdentityFile ~/.ssh/no-such-key', 'IdentityFile /no/such/key')
  await box.open()
})

test('what ssh_config says about sessions has its effect', async () => {
  await using box = boxWith('SetEnv SPT_A=1 SPT_B="two words"', 'RequestTTY force', 'BindAddress 127.7.7.7')
  const { stdout } = await box.run('tty; env')
  expect(stdout).toMatch(/^\/dev\/pts\/\d+\r\n/)
  expect(stdout).toContain('SPT_A=1\r\n')
  expect(stdout).toContain('SPT_B=two words\r\n')
  expect(sshd.connections().at(-1)?.peerHost).toBe('127.7.7.7')
})

test('its remote command refuses every other, as ssh does', async () => {
  await using box = boxWith('RemoteCommand tmux new -A -s %r', 'RequestTTY yes')
  expect(await failureOf(box.run('true'))).toMatchObject({ code: 'INVALID_OPTION', origin: 'remoteCommand' })
})

test('methods that it switches off are not used', async () => {
  await using box = boxWith(
    'PubkeyAuthentication no',
    'PreferredAuthentications gssapi-with-mic,publickey,password',
  )
  expect(await failureOf(box.open())).toMatchObject({ code: 'AUTH_FAILED', tried: [{ method: 'none' }] })
})
