// Who judges a host key, and what their silence, their failure and a second key mean.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection, type ConnectionOptions, type HostKeyOffer, type VerifyHostKey } from '../../src/index.js'
import { failureOf } from '../support/failure.js'
import { type KeyPair, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo, knownHostsFile } from '../support/link-up.js'
import { type RogueServer, startRogueServer } from '../support/rogue-server.js'
import { scratchDir } from '../support/run-dir.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let gate: Sshd
let inner: Sshd
beforeAll(async () => {
  ;[gate, inner] = await Promise.all([startSshd(), startSshd()])
})
afterAll(async () => {
  await gate.stop()
  await inner.stop()
})

/** Whether any user was told to a server. */
const heardOfUsers = (sshd: Sshd): boolean =>
  sshd.log.lines().some(({ text }) => /userauth-request/.test(text))

const noAnswer = (): Promise<never> => new Promise(() => undefined)

describe('a function that judges the host key', () => {
  leakCheck()

  const failing: readonly (readonly [string, VerifyHostKey])[] = [
    [
      'throws',
      () => {
        throw new TypeError('cannot look')
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('cannot look'))],
    ['answers with something truthy', () => 1 as never],
  ]
  test.each(failing)('and %s refuses it, for the first hop and the second', async (_name, verifyHostKey) => {
    await using gateway = connectionTo(gate)
    for (const through of [{}, { gateway }]) {
      const error = await failureOf(connectionTo(inner, { verifyHostKey, ...through }).open())
      expect(error).toMatchObject({
        code: 'HOST_KEY_REFUSED',
        phase: 'host-key',
        hop: { index: 'gateway' in through ? 1 : 0, host: inner.host },
      })
    }
    expect(heardOfUsers(inner)).toBe(false)
    expect((await gateway.run('echo alive')).stdout).toBe('alive\n')
  })

  test('and never answers ends with the limit of its phase', async () => {
    await using gateway = connectionTo(gate)
    for (const through of [{}, { gateway }]) {
      const options = { verifyHostKey: noAnswer, connectTimeoutMs: 300, ...through }
      const before = performance.now()
      const error = await failureOf(connectionTo(inner, options).open())
      expect(performance.now() - before).toBeGreaterThanOrEqual(299)
      expect(error).toMatchObject({
        code: 'TIMEOUT',
        phase: 'host-key',
        hop: { index: 'gateway' in through ? 1 : 0, host: inner.host },
      })
    }
    expect(heardOfUsers(inner)).toBe(false)
  })

  test('is told the hop, the key and what is known of it', async () => {
    const verifyHostKey = vi.fn((_offer: HostKeyOffer) => 'accept' as const)
    await using gateway = connectionTo(gate)
    await using connection = connectionTo(inner, { verifyHostKey, gateway })
    await connection.open()
    expect(verifyHostKey.mock.calls).toEqual([
      [
        expect.objectContaining({
          hop: expect.objectContaining({ index: 1, host: inner.host, via: gate.host }),
          lookupName: `[${inner.host}]:${inner.port}`,
          key: { type: 'ssh-ed25519', fingerprint: inner.hostKeyFingerprint },
          status: 'known',
        }),
      ],
    ])
  })
})

describe('a host certificate', () => {
  leakCheck()

  /** A server that has a certificate for its key by that authority, with these further arguments of ssh-keygen. */
  async function certified(authority: KeyPair, ...args: readonly string[]): Promise<Sshd> {
    const hostKey = await keyPair('certified')
    const copy = join(scratchDir('certificate'), 'key')
    writeFileSync(`${copy}.pub`, readFileSync(`${hostKey.file}.pub`))
    execFileSync('ssh-keygen', ['-q', '-s', authority.file, '-I', 'host', '-h', ...args, `${copy}.pub`])
    return startSshd({ hostKeys: [hostKey], config: [`HostCertificate ${copy}-cert.pub`] })
  }

  test.each([
    ['valid', []],
    ['expired', ['-V', '20200101:20200102']],
    ['for another name', ['-n', 'elsewhere.example']],
  ])('that is %s is refused by its name where only its authority is known', async (_name, args) => {
    const authority = await keyPair('authority')
    await using sshd = await certified(authority, ...args)
    const file = knownHostsFile(`@cert-authority * ${authority.publicLine}\n`)
    for (const strictHostKeyChecking of ['yes', 'accept-new', 'no'] as const) {
      const options = { userKnownHostsFile: [file], strictHostKeyChecking }
      expect(await failureOf(connectionTo(sshd, options).open())).toMatchObject({
        code: 'HOST_KEY_CERTIFICATE',
        phase: 'host-key',
        hop: { index: 0, host: sshd.host },
        known: [{ file, line: 1 }],
      })
    }
    expect(heardOfUsers(sshd)).toBe(false)
  })

  test('does no harm where the plain key is known, nor where its authority is not', async () => {
    const authority = await keyPair('authority')
    await using sshd = await certified(authority)
    await using connection = connectionTo(sshd)
    expect((await connection.run('echo plain')).stdout).toBe('plain\n')
    const unknown = connectionTo(sshd, { userKnownHostsFile: [] })
    expect(await failureOf(unknown.open())).toMatchObject({ code: 'HOST_KEY_UNKNOWN' })
  })
})

describe('keys that are exchanged again', () => {
  leakCheck()
  let first: KeyPair
  let other: KeyPair
  let userKey: KeyPair
  beforeAll(async () => {
    ;[first, other, userKey] = await Promise.all([keyPair('rogue'), keyPair('other'), keyPair('user-1')])
  })

  function connectionToRogue(rogue: RogueServer, options: ConnectionOptions = {}): Connection {
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

  test('with the same host key are nobody’s business', async () => {
    const rekeyed = vi.fn()
    await using rogue = await startRogueServer({
      hostKey: first,
      script: {
        onOpen: (peer) => {
          peer.rekey(first)
          rekeyed()
        },
      },
    })
    await using connection = connectionToRogue(rogue)
    expect((await connection.run('anything')).stdout).toBe('ok\n')
    expect(rekeyed).toHaveBeenCalledTimes(1)
    expect((await connection.run('anything')).stdout).toBe('ok\n')
  })

  test.each(['yes', 'no', 'accept-new'] as const)(
    'with another host key end the connection, also where checking is %s',
    async (strictHostKeyChecking) => {
      await using rogue = await startRogueServer({
        hostKey: first,
        script: { onOpen: (peer) => setTimeout(() => peer.rekey(other), 50) },
      })
      await using gateway = connectionTo(gate)
      for (const through of [{}, { gateway }]) {
        const connection = connectionToRogue(rogue, { strictHostKeyChecking, ...through })
        const { closed } = await connection.open()
        expect(await closed).toMatchObject({
          reason: 'lost',
          error: {
            code: 'HOST_KEY_CHANGED',
            phase: 'host-key',
            hop: { index: 'gateway' in through ? 1 : 0, host: rogue.host },
            offered: { fingerprint: other.fingerprint },
          },
        })
        expect(connection.state).toBe('lost')
        await vi.waitFor(() => expect(rogue.live()).toBe(0), { timeout: 5000 })
      }
      expect((await gateway.run('echo alive')).stdout).toBe('alive\n')
    },
  )

  test('with another host key before the login end the attempt, and no credential is offered', async () => {
    await using rogue = await startRogueServer({
      hostKey: first,
      script: { onService: (peer) => peer.rekey(other) },
    })
    const error = await failureOf(connectionToRogue(rogue).open())
    expect(error).toMatchObject({
      code: 'HOST_KEY_CHANGED',
      phase: 'host-key',
      offered: { fingerprint: other.fingerprint },
    })
    expect(rogue.requests).toEqual(['service'])
  })
})
