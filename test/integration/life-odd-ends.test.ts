// Commands that end in odd ways, and servers that say what nobody asked: orders of EOF, CLOSE and status that sshd does
// not use, messages for nobody, floods.

import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/index.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { knownHostsFile } from '../support/link-up.js'
import { type OddPeer, type OddServer, startOddServer } from '../support/odd-server.js'

/** SSH message numbers (RFC 4250 4.1.2). */
const disconnect = 1
const ignore = 2
const unimplemented = 3
const debug = 4
const globalRequest = 80
const windowAdjust = 93
const data = 94
const extendedData = 95
const eof = 96
const close = 97
const request = 98
const success = 99

const no = Buffer.of(0)
const yes = Buffer.of(1)

/** What a server does once a command was asked for; `id` is the client's number of its channel. */
type Script = (peer: OddPeer, id: number) => void

/** Runs `use` with a connection to a server that answers each command by the script. */
async function withServer(script: Script, use: (connection: Connection) => Promise<void>): Promise<void> {
  await using server = await startOddServer((offer, peer) => {
    offer.accept()
    peer.connection.on('session', (accept) => {
      accept().on('exec', (start) => {
        const channel = start() as unknown as { readonly outgoing: { readonly id: number } }
        script(peer, channel.outgoing.id)
      })
    })
  })
  await using connection = connectionTo(server)
  await connection.open()
  await use(connection)
}

function connectionTo(server: OddServer): Connection {
  return new Connection(server.host, {
    port: server.port,
    identityAgent: 'none',
    identityFile: [],
    userKnownHostsFile: [knownHostsFile(server.knownHostsLine)],
    globalKnownHostsFile: [],
  })
}

const say = (peer: OddPeer, id: number, text: string): void => peer.send(data, id, text)
const complain = (peer: OddPeer, id: number, text: string): void => peer.send(extendedData, id, 1, text)
const exit = (peer: OddPeer, id: number, status: number): void =>
  peer.send(request, id, 'exit-status', no, status)
const fine: Script = (peer, id) => {
  say(peer, id, 'fine\n')
  exit(peer, id, 0)
  peer.send(eof, id)
  peer.send(close, id)
}

describe('a command', () => {
  leakCheck()

  test.each<[string, Script, object]>([
    [
      'CLOSE without EOF',
      (peer, id) => {
        say(peer, id, 'out')
        exit(peer, id, 0)
        peer.send(close, id)
      },
      { stdout: 'out', exitCode: 0 },
    ],
    [
      'a status after EOF',
      (peer, id) => {
        say(peer, id, 'out')
        peer.send(eof, id)
        exit(peer, id, 4)
        peer.send(close, id)
      },
      { name: 'CommandError', code: 'COMMAND_FAILED', stdout: 'out', exitCode: 4 },
    ],
    [
      'EOF and a status, and leaves the CLOSE to us',
      (peer, id) => {
        say(peer, id, 'out')
        exit(peer, id, 0)
        peer.send(eof, id)
      },
      { stdout: 'out', exitCode: 0 },
    ],
    [
      'a status before its output',
      (peer, id) => {
        exit(peer, id, 0)
        say(peer, id, 'out')
        complain(peer, id, 'err')
        peer.send(eof, id)
        peer.send(close, id)
      },
      { stdout: 'out', stderr: 'err', exitCode: 0 },
    ],
    [
      'a signal and a core',
      (peer, id) => {
        peer.send(request, id, 'exit-signal', no, 'SEGV', yes, 'oh dear', '')
        peer.send(eof, id)
        peer.send(close, id)
      },
      {
        code: 'COMMAND_FAILED',
        exitCode: null,
        signal: 'SIGSEGV',
        message: expect.stringContaining('SIGSEGV (core dumped)'),
      },
    ],
    [
      'no status at all',
      (peer, id) => {
        say(peer, id, 'out')
        peer.send(eof, id)
        peer.send(close, id)
      },
      { name: 'CommandError', code: 'COMMAND_FAILED', stdout: 'out', exitCode: null, signal: null },
    ],
    [
      'CLOSE and nothing else',
      (peer, id) => peer.send(close, id),
      { name: 'CommandError', code: 'COMMAND_FAILED', stdout: '', exitCode: null, signal: null },
    ],
  ])('that ends with %s has that very end', (_what, script, expected) =>
    withServer(script, async (connection) => {
      const outcome = await connection.run('x').catch((error: unknown) => error)
      expect(outcome).toMatchObject(expected)
    }),
  )

  test('tells of the core to those who wait for it', () =>
    withServer(
      (peer, id) => {
        peer.send(request, id, 'exit-signal', no, 'ABRT', yes, '', '')
        peer.send(close, id)
      },
      async (connection) => {
        const command = await connection.spawn('x')
        expect(await command.wait()).toEqual({ exitCode: null, signal: 'SIGABRT', coreDumped: true })
      },
    ))

  test('that writes after its EOF settles once, with what came before, and does no harm', () => {
    let first = true
    return withServer(
      (peer, id) => {
        if (!first) return fine(peer, id)
        first = false
        say(peer, id, 'out')
        peer.send(eof, id)
        say(peer, id, 'more')
        complain(peer, id, 'more')
        exit(peer, id, 0)
        peer.send(close, id)
      },
      async (connection) => {
        const outcome = await connection.run('x').catch((error: unknown) => error)
        expect(outcome).toMatchObject({ stdout: 'out' })
        expect((await connection.run('y')).stdout).toBe('fine\n')
      },
    )
  })
})

describe('a server that talks out of turn', () => {
  leakCheck()

  test('and leaves as soon as it has let us in is a lost connection, not a closed one', async () => {
    await using server = await startOddServer((offer, peer) => {
      offer.accept()
      peer.send(disconnect, 11, 'that was all', '')
      peer.connection.end()
    })
    await using connection = connectionTo(server)
    const error = await failureOf(connection.run('x'))
    expect(error).toMatchObject({ hop: { index: 0, host: server.host } })
    expect(['CONNECTION_LOST', 'SERVER_REFUSED']).toContain(error.code)
    expect(error.message).toContain('that was all')
  })

  test('about channels that are not there, and in unknown requests, is borne', () =>
    withServer(
      (peer, id) => {
        const unknown = id + 1000
        peer.send(data, unknown, 'whose?')
        peer.send(windowAdjust, unknown, 1000)
        peer.send(eof, unknown)
        peer.send(close, unknown)
        peer.send(success, unknown)
        peer.send(request, unknown, 'exit-status', no, 9)
        peer.send(globalRequest, 'no-such-request@example.com', no)
        peer.send(globalRequest, 'no-such-request@example.com', yes)
        peer.send(request, id, 'no-such-request@example.com', no)
        fine(peer, id)
      },
      async (connection) => {
        for (let times = 0; times < 3; times++) expect((await connection.run('x')).stdout).toBe('fine\n')
      },
    ))

  test('about a channel that no client can have is left with a clear error', () =>
    withServer(
      (peer) => peer.send(data, 0xff_ff_ff_ff, 'whose?'),
      async (connection) => {
        const error = await failureOf(connection.run('x'))
        expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', phase: 'session', hop: { index: 0 } })
        expect(await connection.closed).toMatchObject({ reason: 'lost', error: { code: 'PROTOCOL_ERROR' } })
      },
    ))

  test.each<[string, (peer: OddPeer) => void]>([
    ['IGNORE', (peer) => peer.send(ignore, 'x'.repeat(4000))],
    ['DEBUG', (peer) => peer.send(debug, no, 'x'.repeat(4000), '')],
    ['UNIMPLEMENTED', (peer) => peer.send(unimplemented, 7)],
    ['unknown requests', (peer) => peer.send(globalRequest, `${'x'.repeat(200)}@example.com`, no)],
  ])('in a flood of %s costs no memory', (_what, flood) =>
    withServer(
      (peer, id) => {
        for (let times = 0; times < 5000; times++) flood(peer)
        fine(peer, id)
      },
      async (connection) => {
        await connection.run('x')
        globalThis.gc?.()
        const before = process.memoryUsage().heapUsed
        for (let times = 0; times < 3; times++) expect((await connection.run('x')).stdout).toBe('fine\n')
        globalThis.gc?.()
        expect(process.memoryUsage().heapUsed - before).toBeLessThan(4 * 1024 * 1024)
      },
    ),
  )
})
