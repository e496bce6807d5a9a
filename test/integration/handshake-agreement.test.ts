// What the two sides must agree on, and what is said when they cannot.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection, type ConnectionOptions } from '../../src/index.js'
import { failureOf } from '../support/failure.js'
import { type KeyPair, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo, knownHostsFile } from '../support/link-up.js'
import { message, type RoguePeer, type RogueServer, startRogueServer } from '../support/rogue-server.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { warningsOf } from '../support/warnings.js'

const only = {
  kex: 'KexAlgorithms diffie-hellman-group16-sha512',
  hostKey: 'HostKeyAlgorithms rsa-sha2-512',
  cipher: 'Ciphers aes256-ctr',
  mac: 'MACs hmac-sha2-512-etm@openssh.com',
}

describe('two sides without a common algorithm', () => {
  leakCheck()
  let picky: Sshd
  let gate: Sshd
  beforeAll(async () => {
    picky = await startSshd({ hostKeyTypes: ['rsa'], config: Object.values(only) })
    gate = await startSshd()
  })
  afterAll(async () => {
    await picky.stop()
    await gate.stop()
  })

  const table: readonly (readonly [string, ConnectionOptions, string, string])[] = [
    [
      'key exchange',
      { kexAlgorithms: ['curve25519-sha256', 'ecdh-sha2-nistp256'] },
      'curve25519-sha256,ecdh-sha2-nistp256',
      'diffie-hellman-group16-sha512',
    ],
    ['host key', { hostKeyAlgorithms: ['ssh-ed25519'] }, 'ssh-ed25519', 'rsa-sha2-512'],
    ['cipher', { ciphers: ['aes128-gcm@openssh.com'] }, 'aes128-gcm@openssh.com', 'aes256-ctr'],
    [
      'MAC',
      { ciphers: ['aes256-ctr'], macs: ['hmac-sha2-256'] },
      'hmac-sha2-256',
      'hmac-sha2-512-etm@openssh.com',
    ],
  ]
  test.each(table)('for the %s are told what each of them offers', async (what, options, ours, theirs) => {
    const error = await failureOf(connectionTo(picky, options).open())
    expect(error).toMatchObject({
      code: 'NO_COMMON_ALGORITHM',
      phase: 'key-exchange',
      hop: { index: 0, count: 1, host: picky.host, port: picky.port },
    })
    expect(error.message).toContain(what)
    expect(error.message).toContain(`we offer ${ours}`)
    expect(error.message).toMatch(new RegExp(`the server offers \\S*${theirs}`))
  })

  test('are told which hop it is, and a shared gateway lives on', async () => {
    await using gateway = connectionTo(gate)
    const inner = connectionTo(picky, { gateway, ciphers: ['aes128-gcm@openssh.com'] })
    expect(await failureOf(inner.open())).toMatchObject({
      code: 'NO_COMMON_ALGORITHM',
      phase: 'key-exchange',
      hop: { index: 1, count: 2, host: picky.host, via: gate.host },
    })
    expect((await gateway.run('echo alive')).stdout).toBe('alive\n')
  })

  test('talk when one of them gives way', async () => {
    await using connection = connectionTo(picky)
    expect((await connection.run('echo well')).stdout).toBe('well\n')
  })
})

describe('strict key exchange', () => {
  leakCheck()
  let hostKey: KeyPair
  let userKey: KeyPair
  beforeAll(async () => {
    ;[hostKey, userKey] = await Promise.all([keyPair('rogue'), keyPair('user-1')])
  })

  function connectionToRogue(rogue: RogueServer, options: ConnectionOptions): Connection {
    return new Connection(rogue.host, {
      user: 'someone',
      port: rogue.port,
      identityFile: [userKey.file],
      identityAgent: 'none',
      userKnownHostsFile: [knownHostsFile(rogue.knownHostsLine)],
      globalKnownHostsFile: [],
      ...options,
    })
  }

  test('that is required and not offered ends the attempt before anything is asked for', async () => {
    await using rogue = await startRogueServer({ hostKey, strictKex: false })
    const error = await failureOf(connectionToRogue(rogue, { requireStrictKex: true }).open())
    expect(error).toMatchObject({
      code: 'INSECURE_KEX',
      phase: 'key-exchange',
      hop: { index: 0, host: rogue.host },
    })
    expect(rogue.requests).toEqual([])
  })

  test('that is required is not given up for a message that means nothing', async () => {
    const script = { onVersion: (peer: RoguePeer) => peer.send(message.ignore, '') }
    await using rogue = await startRogueServer({ hostKey, strictKex: false, script })
    const error = await failureOf(connectionToRogue(rogue, { requireStrictKex: true }).open())
    expect(error).toMatchObject({ code: 'INSECURE_KEX', phase: 'key-exchange' })
    expect(rogue.requests).toEqual([])
  })

  test('that is missing comes to light before anybody is asked about a host key', async () => {
    await using rogue = await startRogueServer({ hostKey, strictKex: false })
    const verifyHostKey = vi.fn(() => 'accept' as const)
    await failureOf(connectionToRogue(rogue, { requireStrictKex: true, verifyHostKey }).open())
    expect(verifyHostKey).not.toHaveBeenCalled()
  })

  test('that is required and offered is used', async () => {
    await using rogue = await startRogueServer({ hostKey })
    await using connection = connectionToRogue(rogue, { requireStrictKex: true })
    expect((await connection.run('anything')).stdout).toBe('ok\n')
  })

  test('that is missing is warned of where the cipher makes it matter', async () => {
    await using rogue = await startRogueServer({ hostKey, strictKex: false })
    const ciphers = ['chacha20-poly1305@openssh.com']
    const warnings = await warningsOf(async () => {
      await using connection = connectionToRogue(rogue, { ciphers })
      expect((await connection.run('anything')).stdout).toBe('ok\n')
    })
    expect(warnings).toEqual([expect.stringContaining('CVE-2023-48795')])
  })

  test('that is missing is avoided by AES-GCM where nothing else was asked for', async () => {
    await using rogue = await startRogueServer({ hostKey, strictKex: false })
    const warnings = await warningsOf(async () => {
      await using connection = connectionToRogue(rogue, {})
      await connection.open()
    })
    expect(warnings).toEqual([])
  })
})
