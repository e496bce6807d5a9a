// Bits that flip on the way: noticed before anybody sees wrong data.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectionOptions } from '../../src/index.js'
import { connectionBy, failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { readPlainMessages, startRecorder } from '../support/recorder.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { startTcpFault, type TcpFault } from '../support/tcp-fault.js'

let sshd: Sshd
let line: TcpFault
beforeAll(async () => {
  sshd = await startSshd()
  line = await startTcpFault(sshd)
})
afterAll(async () => {
  await line[Symbol.asyncDispose]()
  await sshd.stop()
})

// One write, and so one packet: what a server says is of the same length each time.
const text = 'x'.repeat(3000)
const command = `printf %s ${text}`

describe.each<{ readonly name: string; readonly options: ConnectionOptions }>([
  { name: 'AES-GCM', options: { ciphers: ['aes128-gcm@openssh.com'] } },
  { name: 'ChaCha20-Poly1305', options: { ciphers: ['chacha20-poly1305@openssh.com'] } },
  {
    name: 'AES-CTR with encrypt-then-MAC',
    options: { ciphers: ['aes128-ctr'], macs: ['hmac-sha2-256-etm@openssh.com'] },
  },
  { name: 'AES-CTR with encrypt-and-MAC', options: { ciphers: ['aes128-ctr'], macs: ['hmac-sha2-256'] } },
])('a flipped bit under $name', ({ options }) => {
  leakCheck()

  /** Where encryption begins in both directions, and how much is said there. */
  async function measure() {
    await using recorder = await startRecorder(sshd)
    await using connection = connectionBy(recorder, sshd, options)
    expect((await connection.run(command)).stdout).toBe(text)
    const [toServer, toClient] = [recorder.toServer(), recorder.toClient()]
    const begin = (bytes: Buffer): number => readPlainMessages(bytes).messages.at(-1)?.end ?? 0
    return {
      toServer: { begin: begin(toServer), end: toServer.length },
      toClient: { begin: begin(toClient), end: toClient.length },
    }
  }

  test.each(['toClient', 'toServer'] as const)(
    '%s ends the connection and never gives wrong data',
    { timeout: 60_000 },
    async (way) => {
      const { begin, end } = (await measure())[way]
      // The last bytes may come after the command's end, where nobody waits for them any more.
      const length = end - begin - 200
      expect(length).toBeGreaterThan(400)
      const offsets = Array.from(
        { length: 8 },
        (_, index) => begin + 97 * Math.floor((index * length) / 8 / 97),
      )
      for (const flipBitAt of offsets) {
        line.faults = { [way]: { flipBitAt } }
        // A flipped length makes the reader wait for more than there is.
        const limits = { authTimeoutMs: 1000, connectTimeoutMs: 1000 }
        const connection = connectionBy(line, sshd, { ...options, ...limits })
        const error = await failureOf(connection.run(command, { timeoutMs: 1500 }))
        const where = `bit ${flipBitAt} ${way}`
        const codes = ['PROTOCOL_ERROR', 'CONNECTION_LOST', 'SERVER_REFUSED', 'TIMEOUT', 'COMMAND_TIMEOUT']
        expect(codes, `${where}: ${error.message}`).toContain(error.code)
        expect(error.hop, where).toMatchObject({ index: 0, host: line.host, port: line.port })
        if ('stdout' in error) expect(text.startsWith(String(error.stdout)), where).toBe(true)
        await connection.close()
        line.reset()
      }
    },
  )

  test('in the middle of what the server sends is called what it is', async () => {
    const { begin, end } = (await measure()).toClient
    // Beyond the length of the first packet, and inside it: nobody has to wait for more. It comes together with the
    // new keys, so that the host key may still be under judgement.
    line.faults = { toClient: { flipBitAt: begin + 20 } }
    expect(end).toBeGreaterThan(begin + 20)
    const error = await failureOf(connectionBy(line, sshd, options).open())
    expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', hop: { index: 0, host: line.host } })
    expect(['host-key', 'key-exchange', 'authentication']).toContain(error.phase)
  })
})
