// A handshake that ends after any number of bytes, by whatever is between: a typed error with the phase that it was in,
// nothing left, and a gateway that goes on.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Connection, type HopEnd, SallyportError } from '../../src/index.js'
import { connectionBy } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { type PlainMessages, readPlainMessages, startRecorder } from '../support/recorder.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { startTcpFault, type TcpFault } from '../support/tcp-fault.js'

let gate: Sshd
let sshd: Sshd
let line: TcpFault
/** What the server says until the user is in. */
let spoken: PlainMessages
let spokenBytes: number
beforeAll(async () => {
  ;[gate, sshd] = await Promise.all([startSshd(), startSshd()])
  line = await startTcpFault(sshd)
  await using recorder = await startRecorder(sshd)
  await using connection = connectionBy(recorder, sshd)
  await connection.open()
  spokenBytes = recorder.toClient().length
  spoken = readPlainMessages(recorder.toClient())
})
afterAll(async () => {
  await line[Symbol.asyncDispose]()
  await sshd.stop()
  await gate.stop()
})

/** How opening ends, or the life that it began. */
async function endOf(connection: Connection): Promise<unknown> {
  try {
    const opened = await connection.open()
    const end: HopEnd = await opened.closed
    return end.reason === 'lost' ? end.error : end
  } catch (error) {
    return error
  }
}

/** The offsets at which something ends, one byte before and after, and every 37th of the rest. */
function offsets(): readonly number[] {
  const ends = [spoken.versionEnd, ...spoken.messages.map(({ end }) => end), spokenBytes]
  const near = ends.flatMap((end) => [end - 1, end, end + 1])
  const spread = Array.from({ length: Math.ceil(spokenBytes / 37) }, (_, index) => index * 37)
  return [...new Set([...near, ...spread, 1])].filter((at) => at <= spokenBytes).sort((a, b) => a - b)
}

/** The phases that the client may be in when it has read so many bytes. */
function phasesAt(offset: number): readonly string[] {
  const [, reply, newKeys] = spoken.messages.map(({ end }) => end)
  if (reply === undefined || newKeys === undefined) throw new Error('the server said less than expected')
  if (offset < spoken.versionEnd) return ['version']
  if (offset < reply) return ['key-exchange']
  // The verdict on the host key is under way, or just given.
  if (offset < newKeys) return ['host-key', 'key-exchange']
  // sshd announces its host keys as soon as somebody is in, so that the last bytes come after the login.
  return offset < newKeys + 300 ? ['authentication'] : ['authentication', 'session']
}

describe('a handshake that is cut off after any byte of the server', () => {
  leakCheck()

  test('reads the clear part of a handshake right', () => {
    expect(spoken.messages.map(({ type }) => type)).toEqual([20, 31, 21])
    expect(offsets().length).toBeGreaterThan(60)
  })

  test.each(['the first hop', 'a hop behind a gateway'])(
    'fails at %s with the phase it was in',
    { timeout: 120_000 },
    async (place) => {
      await using gateway = connectionTo(gate)
      const isFirst = place === 'the first hop'
      for (const offset of offsets()) {
        line.faults = { toClient: { after: offset } }
        const connection = connectionBy(line, sshd, isFirst ? {} : { gateway })
        const error = await endOf(connection)
        expect(error, `cut after ${offset} bytes`).toBeInstanceOf(SallyportError)
        expect(error, `cut after ${offset} bytes`).toMatchObject({
          code: offset === 0 ? 'SERVER_BUSY' : 'CONNECTION_LOST',
          phase: expect.toBeOneOf([...phasesAt(offset)]),
          hop: isFirst
            ? { index: 0, count: 1, host: line.host, port: line.port, user: sshd.user }
            : { index: 1, count: 2, host: line.host, port: line.port, user: sshd.user, via: gate.host },
        })
        expect(connection.state).not.toBe('open')
        await vi.waitFor(() => expect(line.live, `cut after ${offset} bytes`).toBe(0), {
          interval: 2,
          timeout: 5000,
        })
      }
      if (isFirst) return
      expect((await gateway.run('echo alive')).stdout).toBe('alive\n')
      expect(gate.connections()).toHaveLength(1)
    },
  )

  test.each(['reset', 'hang'] as const)('by %s fails as well, in time', async (fate) => {
    for (const offset of [10, spoken.versionEnd, spoken.versionEnd + 400]) {
      line.faults = { toClient: { after: offset, fate } }
      const error = await endOf(connectionBy(line, sshd, { connectTimeoutMs: 300 }))
      expect(error, `${fate} after ${offset} bytes`).toMatchObject({
        code: fate === 'hang' ? 'TIMEOUT' : 'CONNECTION_LOST',
        phase: phasesAt(offset)[0],
        hop: { index: 0, host: line.host },
      })
      line.reset()
    }
  })

  test('a handshake in pieces of a few bytes is a handshake', async () => {
    line.faults = { toClient: { fragment: true }, toServer: { fragment: true } }
    await using connection = connectionBy(line, sshd)
    expect((await connection.run('echo whole')).stdout).toBe('whole\n')
  })
})
