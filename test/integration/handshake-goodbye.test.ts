// A server that says goodbye while it is being reached: its number and its words come with the error, made harmless.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection, type Phase } from '../../src/index.js'
import { failureOf } from '../support/failure.js'
import { type KeyPair, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo, knownHostsFile } from '../support/link-up.js'
import { message, type RoguePeer, type RogueScript, startRogueServer } from '../support/rogue-server.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let hostKey: KeyPair
let userKey: KeyPair
let gate: Sshd
beforeAll(async () => {
  ;[hostKey, userKey, gate] = await Promise.all([keyPair('rogue'), keyPair('user-1'), startSshd()])
})
afterAll(() => gate.stop())

/** SSH_MSG_DISCONNECT with a reason of its own, and words that would move a cursor. */
function sayGoodbye(peer: RoguePeer): void {
  peer.send(message.disconnect, 12, 'closed for \x1b[2J\r\ntoday', '')
  peer.hangUp()
}

const moments: readonly (readonly [string, RogueScript, readonly Phase[]])[] = [
  ['in place of its key exchange', { onVersion: sayGoodbye }, ['key-exchange']],
  [
    'in the middle of the key exchange',
    { before: { type: message.kexReply, act: sayGoodbye } },
    ['key-exchange'],
  ],
  [
    'before its new keys',
    { before: { type: message.newKeys, act: sayGoodbye } },
    // The verdict on the host key may be out already.
    ['host-key', 'key-exchange'],
  ],
  ['as soon as there are keys', { onKeys: sayGoodbye }, ['authentication']],
  ['when asked for the service', { onService: sayGoodbye }, ['authentication']],
  ['when offered a key', { onOffer: sayGoodbye }, ['authentication']],
]

describe('a server that says goodbye', () => {
  leakCheck()

  test.each(moments)('%s is quoted, at the first hop and behind a gateway', async (_name, script, phases) => {
    await using rogue = await startRogueServer({ hostKey, script })
    await using gateway = connectionTo(gate)
    for (const through of [{}, { gateway }]) {
      const connection = new Connection(rogue.host, {
        user: 'someone',
        port: rogue.port,
        identityFile: [userKey.file],
        identityAgent: 'none',
        userKnownHostsFile: [knownHostsFile(rogue.knownHostsLine)],
        globalKnownHostsFile: [],
        ...through,
      })
      const error = await failureOf(connection.open())
      expect(error).toMatchObject({
        code: 'SERVER_REFUSED',
        reason: 12,
        hop:
          'gateway' in through
            ? { index: 1, count: 2, host: rogue.host, port: rogue.port, user: 'someone', via: gate.host }
            : { index: 0, count: 1, host: rogue.host, port: rogue.port, user: 'someone' },
      })
      expect(phases).toContain(error.phase)
      expect(error.message).toContain('closed for \\x1b[2J')
      expect(error.message).toContain('today')
      expect(error.message).not.toMatch(/[\x00-\x1f\x7f-\x9f]/)
      await vi.waitFor(() => expect(rogue.live()).toBe(0), { timeout: 5000 })
    }
    expect((await gateway.run('echo alive')).stdout).toBe('alive\n')
  })

  test('once we are in ends the connection with its words', async () => {
    const script = { onOpen: (peer: RoguePeer) => void setTimeout(() => sayGoodbye(peer), 30) }
    await using rogue = await startRogueServer({ hostKey, script })
    const connection = new Connection(rogue.host, {
      user: 'someone',
      port: rogue.port,
      identityFile: [userKey.file],
      identityAgent: 'none',
      userKnownHostsFile: [knownHostsFile(rogue.knownHostsLine)],
      globalKnownHostsFile: [],
    })
    const { closed } = await connection.open()
    expect(await closed).toMatchObject({
      reason: 'lost',
      error: {
        code: 'CONNECTION_LOST',
        reason: 12,
        phase: 'session',
        message: expect.stringContaining('closed for \\x1b[2J'),
        hop: { index: 0, host: rogue.host },
      },
    })
    await vi.waitFor(() => expect(rogue.live()).toBe(0), { timeout: 5000 })
  })
})
