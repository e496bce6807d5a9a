// Servers that do not keep to the windows of channels (RFC 4254 5.2), and one that uses them up to the last byte.

import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/index.js'
import { leakCheck } from '../support/leak-check.js'
import { knownHostsFile } from '../support/link-up.js'
import { type OddPeer, startOddServer } from '../support/odd-server.js'

/** SSH message numbers (RFC 4250 4.1.2). */
const windowAdjust = 93
const data = 94
const extendedData = 95
const eof = 96
const close = 97

const packetBytes = 32_768
/** What a client takes on a channel before it says more: 2 MiB. */
const windowPackets = 64

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
  await using connection = new Connection(server.host, {
    port: server.port,
    identityAgent: 'none',
    identityFile: [],
    userKnownHostsFile: [knownHostsFile(server.knownHostsLine)],
    globalKnownHostsFile: [],
  })
  await use(connection)
}

describe('a server', () => {
  leakCheck()

  test.each<[string, Script]>([
    [
      'that sends on while nobody reads',
      (peer, id) => {
        for (let packet = 0; packet < 4 * windowPackets; packet++)
          peer.send(data, id, 'x'.repeat(packetBytes))
      },
    ],
    [
      'that complains on while nobody reads',
      (peer, id) => {
        for (let packet = 0; packet < 4 * windowPackets; packet++)
          peer.send(extendedData, id, 1, 'x'.repeat(packetBytes))
      },
    ],
    [
      'whose packet is larger than a channel takes',
      (peer, id) => peer.send(data, id, 'x'.repeat(packetBytes + 1)),
    ],
    ['that opens a window beyond its limit', (peer, id) => peer.send(windowAdjust, id, 0xff_ff_ff_ff)],
  ])('%s is left with a clear error', (_what, script) =>
    withServer(script, async (connection) => {
      const command = await connection.spawn('x')
      const lost = { code: 'PROTOCOL_ERROR', phase: 'session', hop: { index: 0 } }
      expect(await connection.closed).toMatchObject({ reason: 'lost', error: lost })
      await expect(command.wait()).rejects.toMatchObject(lost)
    }),
  )

  test('may use a window up to the last byte, and send nothing after it', () =>
    withServer(
      (peer, id) => {
        for (let packet = 0; packet < windowPackets; packet++) peer.send(data, id, 'x'.repeat(packetBytes))
        peer.send(data, id, '')
        peer.send(extendedData, id, 1, '')
        peer.send(eof, id)
        peer.send(close, id)
      },
      async (connection) => {
        const { stdout } = await connection.spawn('x')
        let received = 0
        for await (const piece of stdout) received += (piece as Buffer).length
        expect(received).toBe(windowPackets * packetBytes)
      },
    ))
})
