// A server that sends what is not its turn to send: each such message ends the attempt, and none opens a door.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection, type ConnectionOptions } from '../../src/index.js'
import { failureOf } from '../support/failure.js'
import { type KeyPair, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo, knownHostsFile } from '../support/link-up.js'
import { message, type RogueServer, startRogueServer } from '../support/rogue-server.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let hostKey: KeyPair
let userKey: KeyPair
let gate: Sshd
beforeAll(async () => {
  ;[hostKey, userKey, gate] = await Promise.all([keyPair('rogue'), keyPair('user-1'), startSshd()])
})
afterAll(() => gate.stop())

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

type Message = readonly [type: number, ...fields: (number | string)[]]

/** What a server may send once to each client, if it is its turn. */
const outOfTurn: Readonly<Record<string, Message>> = {
  'a success of the authentication': [message.authSuccess],
  'an accepted service': [message.serviceAccept, 'ssh-userauth'],
  'a list of extensions': [message.extInfo, 1, 'server-sig-algs', 'ssh-rsa'],
  'an empty message': [message.ignore, ''],
}

/** The error that a connection ends with, whether before or after somebody was told that it is open. */
async function lossOf(connection: Connection): Promise<unknown> {
  const end = await connection.open().then(
    ({ closed }) => closed,
    (error: unknown) => ({ error }),
  )
  return 'error' in end ? end.error : end.reason
}

describe('a message out of turn', () => {
  leakCheck()

  describe.each(Object.entries(outOfTurn))('%s', (_name, content) => {
    test.each(['kexInit', 'kexReply', 'newKeys'] as const)(
      'before %s ends the attempt, and nobody logs in',
      async (next) => {
        await using rogue = await startRogueServer({
          hostKey,
          script: { before: { type: message[next], act: (peer) => peer.send(...content) } },
        })
        const connection = connectionToRogue(rogue)
        const error = await failureOf(connection.open())
        expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', hop: { index: 0, host: rogue.host } })
        expect(['key-exchange', 'host-key']).toContain(error.phase)
        expect(connection.state).toBe('idle')
        expect(rogue.requests).toEqual([])
        await vi.waitFor(() => expect(rogue.live()).toBe(0), { timeout: 5000 })
      },
    )
  })

  test('a success before the service was granted opens nothing', async () => {
    await using rogue = await startRogueServer({
      hostKey,
      script: { onService: (peer) => peer.send(message.authSuccess) },
    })
    const error = await failureOf(connectionToRogue(rogue).open())
    expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', phase: 'authentication' })
    expect(rogue.requests).toEqual(['service'])
    await vi.waitFor(() => expect(rogue.live()).toBe(0), { timeout: 5000 })
  })

  test('a success right behind the new keys opens nothing, even while a host key is being judged', async () => {
    await using rogue = await startRogueServer({
      hostKey,
      script: { onKeys: (peer) => peer.send(message.authSuccess) },
    })
    const error = await failureOf(connectionToRogue(rogue).open())
    expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', phase: 'authentication' })
    await vi.waitFor(() => expect(rogue.live()).toBe(0), { timeout: 5000 })
  })

  test('a success together with the grant of the service, before anything was offered, opens nothing', async () => {
    await using rogue = await startRogueServer({
      hostKey,
      script: {
        onService: (peer) => {
          peer.send(message.serviceAccept, 'ssh-userauth')
          peer.send(message.authSuccess)
        },
      },
    })
    const password = vi.fn(async () => 'secret')
    const options = { identityFile: [], password, preferredAuthentications: ['password'] }
    const error = await failureOf(connectionToRogue(rogue, options).open())
    expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', phase: 'authentication' })
    await vi.waitFor(() => expect(rogue.live()).toBe(0), { timeout: 5000 })
  })

  test('a service granted twice ends the attempt', async () => {
    await using rogue = await startRogueServer({
      hostKey,
      script: {
        onService: (peer) => {
          peer.send(message.serviceAccept, 'ssh-userauth')
          peer.send(message.serviceAccept, 'ssh-userauth')
        },
      },
    })
    const error = await failureOf(connectionToRogue(rogue).open())
    expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', phase: 'authentication' })
    await vi.waitFor(() => expect(rogue.live()).toBe(0), { timeout: 5000 })
  })

  test('another service than the one asked for ends the attempt before anything is offered', async () => {
    await using rogue = await startRogueServer({
      hostKey,
      script: { onService: (peer) => peer.send(message.serviceAccept, 'ssh-connection') },
    })
    const error = await failureOf(connectionToRogue(rogue, { authTimeoutMs: 1000 }).open())
    expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', phase: 'authentication' })
    expect(rogue.requests).toEqual(['service'])
  })

  test('behind a gateway is told of the inner hop, and the gateway lives on', async () => {
    await using rogue = await startRogueServer({
      hostKey,
      script: {
        before: { type: message.newKeys, act: (peer) => peer.send(message.authSuccess) },
      },
    })
    await using gateway = connectionTo(gate)
    const error = await failureOf(connectionToRogue(rogue, { gateway }).open())
    expect(error).toMatchObject({
      code: 'PROTOCOL_ERROR',
      hop: { index: 1, count: 2, host: rogue.host, user: 'someone', port: rogue.port, via: gate.host },
    })
    expect((await gateway.run('echo alive')).stdout).toBe('alive\n')
  })

  test('a list of extensions in its turn is fine', async () => {
    await using rogue = await startRogueServer({
      hostKey,
      script: { onKeys: (peer) => peer.send(message.extInfo, 1, 'server-sig-algs', 'ssh-ed25519') },
    })
    await using connection = connectionToRogue(rogue)
    expect((await connection.run('anything')).stdout).toBe('ok\n')
  })

  test.each<{ readonly name: string; readonly content: Message }>([
    { name: 'success', content: [message.authSuccess] },
    { name: 'service', content: [message.serviceAccept, 'ssh-userauth'] },
  ])('a second $name ends a connection that is open already', async ({ content }) => {
    await using rogue = await startRogueServer({
      hostKey,
      script: { onOpen: (peer) => peer.send(...content) },
    })
    const connection = connectionToRogue(rogue)
    expect(await lossOf(connection)).toMatchObject({
      code: 'PROTOCOL_ERROR',
      phase: 'session',
      hop: { index: 0, host: rogue.host },
    })
    expect(connection.state).toBe('lost')
    await vi.waitFor(() => expect(rogue.live()).toBe(0), { timeout: 5000 })
  })

  test('a server that hangs up in the moment in which we are in is lost, not closed by us', async () => {
    await using rogue = await startRogueServer({ hostKey, script: { onOpen: (peer) => peer.hangUp() } })
    const connection = connectionToRogue(rogue)
    expect(await lossOf(connection)).toMatchObject({ code: 'CONNECTION_LOST', phase: 'session' })
    expect(connection.state).toBe('lost')
  })
})
