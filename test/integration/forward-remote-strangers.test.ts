// What a server may open, and what not: connections to what it was asked to listen on, by exactly that address, and
// nothing else (T24). And its answers to the request to listen: in order, late, never, and odd.

import type { Duplex } from 'node:stream'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Lease } from '../../src/hops/lease.js'
import { Connection, type ConnectionOptions } from '../../src/index.js'
import type { IncomingConnection, RemoteListener } from '../../src/wire/wire.js'
import { failureOf } from '../support/failure.js'
import { hopOf } from '../support/hop.js'
import { type KeyPair, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { knownHostsFile } from '../support/link-up.js'
import { message, type RoguePeer, type RogueServer, startRogueServer } from '../support/rogue-server.js'

let hostKey: KeyPair
let userKey: KeyPair
beforeAll(async () => {
  ;[hostKey, userKey] = await Promise.all([keyPair('rogue'), keyPair('user-1')])
})

const never = new AbortController().signal
const confirmed = 0
const prohibited = 1
const connectFailed = 2
const unknownType = 3
const tcp = { host: 'localhost', port: 4242 } as const
const unix = { path: '/run/asked.sock' } as const

/** The fields of SSH_MSG_CHANNEL_OPEN; the number stands for the channel in what is answered. */
function opening(type: string, number: number, fields: readonly (number | string)[], packetSize = 32_768) {
  return [message.channelOpen, type, number, 2 ** 21, packetSize, ...fields] as const
}

const tcpTo = (number: number, host: string, port: number) =>
  opening('forwarded-tcpip', number, [host, port, '192.0.2.7', 5555])
const unixTo = (number: number, path: string) =>
  opening('forwarded-streamlocal@openssh.com', number, [path, ''])

interface Stage extends AsyncDisposable {
  readonly lease: Lease
  readonly peer: RoguePeer
  /** The global requests so far, but keepalives, with their addresses. */
  readonly asked: readonly string[]
  /** By the number of the channel: why it was refused; 0 when it was confirmed. */
  readonly answers: ReadonlyMap<number, number>
}

/** A session with a server that answers global requests by `answer`. */
async function enter(
  answer: (peer: RoguePeer, asked: string, count: number) => void,
  options: ConnectionOptions = {},
): Promise<Stage> {
  const asked: string[] = []
  const answers = new Map<number, number>()
  let peer: RoguePeer | undefined
  const rogue: RogueServer = await startRogueServer({
    hostKey,
    script: {
      onOpen: (opened) => {
        peer = opened
      },
      onGlobalRequest: (from, name, data) => {
        const { bindAddr, bindPort, socketPath } = data as Record<string, unknown>
        asked.push(`${name} ${socketPath ?? `${bindAddr}:${bindPort}`}`)
        answer(from, asked.at(-1) ?? '', asked.length)
      },
      onChannelAnswer: (_, id, reason) => void answers.set(id, reason),
    },
  })
  const hop = await hopOf(
    new Connection(rogue.host, {
      user: 'someone',
      port: rogue.port,
      identityFile: [userKey.file],
      identityAgent: 'none',
      userKnownHostsFile: [knownHostsFile(rogue.knownHostsLine)],
      globalKnownHostsFile: [],
      ...options,
    }),
  )
  const lease = await hop.acquire({})
  await vi.waitFor(() => expect(peer).toBeDefined())
  if (peer === undefined) throw new Error('nobody is in')
  return {
    lease,
    peer,
    asked,
    answers,
    async [Symbol.asyncDispose]() {
      lease.release()
      await hop.close()
      await rogue[Symbol.asyncDispose]()
    },
  }
}

const yes = (peer: RoguePeer) => peer.send(message.requestSuccess)
const no = (peer: RoguePeer) => peer.send(message.requestFailure)

const streams: Duplex[] = []
afterEach(() => {
  for (const stream of streams.splice(0)) stream.destroy()
})
const take = (connection: IncomingConnection): void => void streams.push(connection.accept())

describe('what a server opens', () => {
  leakCheck()

  test('is let in by exactly the address that was asked for, and refused else', async () => {
    await using stage = await enter(yes)
    const { session } = stage.lease
    const from: unknown[] = []
    const onConnection = (connection: IncomingConnection): void => {
      from.push(connection.from)
      take(connection)
    }
    await session.listen({ address: tcp, onConnection }, never)
    await session.listen({ address: unix, onConnection }, never)
    const cases = [
      [confirmed, tcpTo(100, 'localhost', 4242)],
      [prohibited, tcpTo(101, 'localhost', 4243)],
      [prohibited, tcpTo(102, '127.0.0.1', 4242)],
      [prohibited, tcpTo(103, '', 4242)],
      [prohibited, tcpTo(104, 'localhost', 0)],
      [prohibited, tcpTo(105, '__proto__', 4242)],
      [confirmed, unixTo(106, '/run/asked.sock')],
      [prohibited, unixTo(107, '/run/other.sock')],
      [prohibited, unixTo(108, 'constructor')],
      [prohibited, unixTo(109, '__proto__')],
      [prohibited, opening('x11', 110, ['192.0.2.7', 5555])],
      [prohibited, opening('auth-agent@openssh.com', 111, [])],
      [unknownType, opening('session', 112, [])],
      [unknownType, opening('direct-tcpip', 113, ['localhost', 4242, '192.0.2.7', 5555])],
      [unknownType, opening('tun@openssh.com', 114, [1, 0])],
      [prohibited, opening('forwarded-tcpip', 115, ['localhost', 4242, '192.0.2.7', 5555], 0)],
    ] as const
    for (const [, fields] of cases) stage.peer.send(...fields)
    await vi.waitFor(() => expect(stage.answers.size).toBe(cases.length))
    expect(cases.map(([, [, , number]]) => [number, stage.answers.get(number)])).toEqual(
      cases.map(([expected, [, , number]]) => [number, expected]),
    )
    expect(from).toEqual([{ host: '192.0.2.7', port: 5555 }, undefined])
  })

  test('is refused where nothing was asked for', async () => {
    await using stage = await enter(yes)
    stage.peer.send(...tcpTo(1, 'localhost', 4242))
    stage.peer.send(...unixTo(2, 'toString'))
    await vi.waitFor(() => expect(stage.answers.size).toBe(2))
    expect([...stage.answers.values()]).toEqual([prohibited, prohibited])
  })

  test('is refused once nobody listens any more, also what was not decided on yet', async () => {
    await using stage = await enter(yes)
    const { session } = stage.lease
    const waiting: IncomingConnection[] = []
    const listener = await session.listen({ address: tcp, onConnection: (it) => waiting.push(it) }, never)
    stage.peer.send(...tcpTo(1, 'localhost', 4242))
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    await Promise.all([listener.close(), listener.close()])
    stage.peer.send(...tcpTo(2, 'localhost', 4242))
    await vi.waitFor(() => expect(stage.answers.size).toBe(2))
    expect([...stage.answers]).toEqual([
      [1, connectFailed],
      [2, prohibited],
    ])
    expect(() => waiting[0]?.accept()).toThrow(expect.objectContaining({ code: 'CLOSED' }))
    expect(stage.asked).toEqual(['tcpip-forward localhost:4242', 'cancel-tcpip-forward localhost:4242'])
  })

  test('is decided on once: refused twice is refused, and refused when the callee throws', async () => {
    await using stage = await enter(yes)
    const met: IncomingConnection[] = []
    const onConnection = (connection: IncomingConnection): void => {
      met.push(connection)
      if (met.length === 1) throw new Error('no idea what to do')
      connection.refuse()
      connection.refuse()
    }
    await stage.lease.session.listen({ address: tcp, onConnection }, never)
    stage.peer.send(...tcpTo(1, 'localhost', 4242))
    stage.peer.send(...tcpTo(2, 'localhost', 4242))
    await vi.waitFor(() => expect(stage.answers.size).toBe(2))
    expect([...stage.answers.values()]).toEqual([connectFailed, connectFailed])
    for (const connection of met) expect(() => connection.accept()).toThrow()
  })

  test('ends with the session, whether it was decided on or not', async () => {
    await using stage = await enter(yes)
    const waiting: IncomingConnection[] = []
    const onConnection = (connection: IncomingConnection): void => void waiting.push(connection)
    const listener = await stage.lease.session.listen({ address: tcp, onConnection }, never)
    stage.peer.send(...tcpTo(1, 'localhost', 4242))
    stage.peer.send(...tcpTo(2, 'localhost', 4242))
    await vi.waitFor(() => expect(waiting).toHaveLength(2))
    const stream = waiting[0]?.accept()
    const failed = new Promise((resolve) => stream?.once('error', resolve))
    stage.peer.hangUp()
    expect(await failed).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(() => waiting[1]?.accept()).toThrow(expect.objectContaining({ code: 'CONNECTION_LOST' }))
    await listener.close()
  })
})

describe('the answer to the request to listen', () => {
  leakCheck()

  const listen = (stage: Stage, port: number, signal = never): Promise<RemoteListener> =>
    stage.lease.session.listen({ address: { host: '', port }, onConnection: take }, signal)

  test('is the answer to the request whose turn it is', async () => {
    await using stage = await enter((peer, asked) => (asked.includes(':1') ? no(peer) : yes(peer)))
    const outcomes = await Promise.allSettled([1, 2, 11, 3].map((port) => listen(stage, port)))
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[0]).toMatchObject({ reason: { code: 'FORWARD_REFUSED', phase: 'listen' } })
  })

  test('has the port that the server chose, and connections may come with it', async () => {
    await using stage = await enter((peer) => {
      peer.send(message.requestSuccess, 40_000)
      peer.send(...tcpTo(1, '', 40_000))
      // As OpenSSH 5 names what it chose.
      peer.send(...tcpTo(2, '', 0))
    })
    const listener = await listen(stage, 0)
    expect(listener.address).toEqual({ host: '', port: 40_000 })
    await vi.waitFor(() => expect(stage.answers.size).toBe(2))
    expect([...stage.answers.values()]).toEqual([confirmed, confirmed])
    await listener.close()
    expect(stage.asked.at(-1)).toBe('cancel-tcpip-forward :40000')
  })

  test.each([
    ['no port', []],
    ['a port that there is not', [70_000]],
  ])('breaks the protocol with %s where one was to be chosen', async (_, fields) => {
    await using stage = await enter((peer) => peer.send(message.requestSuccess, ...fields))
    expect(await failureOf(listen(stage, 0))).toMatchObject({ code: 'PROTOCOL_ERROR', phase: 'listen' })
  })

  test('is waited for no longer than for any channel, and what it listens on too late is cancelled', async () => {
    await using stage = await enter(() => {}, { connectTimeoutMs: 300 })
    expect(await failureOf(listen(stage, 0))).toMatchObject({
      code: 'TIMEOUT',
      phase: 'listen',
      message: expect.stringContaining('listen on port 0 of all addresses within 300 ms'),
    })
    stage.peer.send(message.requestSuccess, 40_001)
    await vi.waitFor(() => expect(stage.asked.at(-1)).toBe('cancel-tcpip-forward :40001'))
    stage.peer.send(...tcpTo(1, '', 40_001))
    await vi.waitFor(() => expect(stage.answers.get(1)).toBe(prohibited))
  })

  test('is not waited for after an abort, and what it listens on then is cancelled', async () => {
    await using stage = await enter((peer, _, count) => count > 1 && yes(peer))
    const ending = new AbortController()
    const first = failureOf(listen(stage, 5, ending.signal))
    ending.abort()
    expect(await first).toMatchObject({ code: 'ABORT_ERR' })
    await vi.waitFor(() => expect(stage.asked).toHaveLength(1))
    yes(stage.peer)
    await vi.waitFor(() => expect(stage.asked).toEqual(['tcpip-forward :5', 'cancel-tcpip-forward :5']))
  })

  test('is the end of the session where that comes first', async () => {
    await using stage = await enter((peer) => peer.hangUp())
    expect(await failureOf(listen(stage, 5))).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(await failureOf(listen(stage, 5))).toMatchObject({ code: 'CONNECTION_LOST' })
  })
})
