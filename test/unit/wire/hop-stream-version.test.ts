import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { ConnectError } from '../../../src/errors.js'
import { leakCheck } from '../../support/leak-check.js'
import { type RawPeer, startRawServer } from '../../support/raw-server.js'
import { startSshd } from '../../support/sshd.js'
import { Carrier, hop, hopStream, version } from './carriers.js'

leakCheck()

/** A hop stream to a server that runs the script; resolves with the error that the stream is destroyed with. */
async function errorFrom(script: string | Uint8Array | ((peer: RawPeer) => unknown)): Promise<ConnectError> {
  await using server = await startRawServer(script)
  const socket = connect(server)
  const { stream } = hopStream(socket)
  stream.resume()
  const [error] = await once(stream, 'error')
  if (!stream.closed) await once(stream, 'close')
  expect(socket.destroyed).toBe(true)
  return error
}

const endWith = (text: string) => (peer: RawPeer) => peer.socket.end(text)

describe('what is no SSH server', () => {
  it('quotes the answer of a real HTTP server', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { stream } = hopStream(connect(port, '127.0.0.1'))
    stream.resume()
    stream.write('SSH-2.0-Sallyport\r\n')
    const [error] = await once(stream, 'error')
    expect(error).toMatchObject({ code: 'NOT_SSH', hop, phase: 'version' })
    expect(error.message).toContain('HTTP/1.1 400 Bad Request')
    server.close()
  })

  it.each([
    ['HTTP/1.0 200 OK\r\n', 'HTTP/1.0 200 OK'],
    ['220 mail.example.com ESMTP\r\n', 'ESMTP'],
    [Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]), '\\x15\\x03'],
    ['SSH-1.5-old\r\n', 'speaks SSH 1.5 and not SSH 2.0'],
    ['SSH-two\r\n', 'SSH-two'],
  ])('says so as soon as it is clear: %j', async (answer, quoted) => {
    const error = await errorFrom(answer)
    expect(error).toMatchObject({ code: 'NOT_SSH', hop })
    expect(error.message).toContain(quoted)
  })

  it('says so when text ends without a version', async () => {
    const error = await errorFrom(endWith('who are you?\n\x1b[31mred'))
    expect(error).toMatchObject({ code: 'NOT_SSH' })
    expect(error.message).toContain('who are you?\\n\\x1b[31mred')
    expect(error.message).not.toContain('\x1b')
  })

  it('quotes 200 characters and no more', async () => {
    const error = await errorFrom(endWith('x'.repeat(5000)))
    expect(error.message.match(/x+…$/)?.[0]).toHaveLength(201)
  })

  it('gives up after 50 lines', async () => {
    expect(await errorFrom('line\n'.repeat(51))).toMatchObject({ code: 'NOT_SSH' })
  })

  it('gives up after 64 KiB, in one endless line and in many', async () => {
    const flood = (text: string) => (peer: RawPeer) => {
      const more = (): void => {
        while (!peer.socket.destroyed && peer.socket.write(text.repeat(1000)));
      }
      peer.socket.on('drain', more)
      more()
    }
    expect(await errorFrom(flood('xxxxxxxxx'))).toMatchObject({ code: 'NOT_SSH' })
    expect(await errorFrom(flood(`${'x'.repeat(2000)}\n`))).toMatchObject({ code: 'NOT_SSH' })
  })

  it('accepts 50 lines, a version line of 255 bytes, and SSH-1.99', async () => {
    const longest = `SSH-1.99-${'v'.repeat(244)}\r\n`
    expect(longest).toHaveLength(255)
    const { carrier, stream, versions } = hopStream(new Carrier())
    carrier.push('line\n'.repeat(50) + longest)
    await turn()
    expect(versions).toEqual([longest.trimEnd()])
    stream.destroy()
  })

  it.each([['SSH-2.0-'.padEnd(254, 'v')], ['SSH-2.0-'.padEnd(300, 'v')]])(
    'refuses a longer version line',
    async (line) => {
      expect(await errorFrom(`${line}\r\n`)).toMatchObject({ code: 'PROTOCOL_ERROR' })
    },
  )
})

describe('an end before the version', () => {
  it('is a busy server when nothing was said', async () => {
    const error = await errorFrom((peer) => peer.socket.end())
    expect(error).toMatchObject({ code: 'SERVER_BUSY', retryable: true })
  })

  it('is a busy server when the connection was reset without a word', async () => {
    const error = await errorFrom((peer) => peer.socket.resetAndDestroy())
    expect(error).toMatchObject({ code: 'SERVER_BUSY', cause: { code: 'ECONNRESET' } })
  })

  it('is a busy server when a real sshd is beyond MaxStartups', async () => {
    await using sshd = await startSshd({ config: ['MaxStartups 1:100:1'] })
    const first = connect(sshd)
    await once(first, 'data')
    const { stream } = hopStream(connect(sshd))
    stream.resume()
    const [error] = await once(stream, 'error')
    expect(error).toMatchObject({ code: 'SERVER_BUSY' })
    expect(error.message).toContain('Exceeded MaxStartups')
    first.destroy()
    await once(first, 'close')
  })

  it('keeps the text of a server that refuses', async () => {
    const error = await errorFrom(endWith('Not allowed at this time\r\n'))
    expect(error).toMatchObject({ code: 'SERVER_REFUSED' })
    expect(error.message).toContain('Not allowed at this time')
  })

  it('is a lost connection in the middle of the version line', async () => {
    for (let length = 1; length < version.length; length++) {
      const { carrier, stream } = hopStream(new Carrier())
      stream.resume()
      carrier.push(version.slice(0, length))
      carrier.push(null)
      const [error] = await once(stream, 'error')
      expect(error).toMatchObject({ code: 'CONNECTION_LOST', phase: 'version' })
    }
  })
})
