import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { Client, type ClientChannel } from 'ssh2'
import { describe, expect, test } from 'vitest'
import {
  announceCloses,
  authHandlersOf,
  engineAlgorithms,
  ignoreHostKeyUpdates,
  markClosed,
  reportEveryDisconnect,
  requestChannel,
  sendIgnore,
  sendKeepalive,
  sendSignal,
  usesStrictKex,
  watchConfirmations,
} from '../../src/wire/ssh2-engine.js'
import {
  connectionOf,
  creditOf,
  giveCredit,
  watchArrivals,
  watchWindows,
} from '../../src/wire/ssh2-engine-windows.js'
import { keyPair } from '../support/keys.js'
import { startRogueServer } from '../support/rogue-server.js'
import { connectedClient, silentStream } from './connected-client.js'

// What we use of ssh2 beyond its public interface. When an upgrade breaks this, src/wire/ssh2-engine.ts has to change.

describe('the ssh2 that we pinned', () => {
  test('is exactly the version that was examined', () => {
    const { version } = createRequire(import.meta.url)('ssh2/package.json') as { version: string }
    expect(version).toBe('1.17.0')
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>
    }
    expect(dependencies['ssh2']).toBe('1.17.0')
  })

  test('has the handlers that are watched while a user logs in', () => {
    const client = connectedClient()
    const { USERAUTH_FAILURE, USERAUTH_SUCCESS, USERAUTH_INFO_REQUEST, SERVICE_ACCEPT } =
      authHandlersOf(client)
    for (const handler of [USERAUTH_FAILURE, USERAUTH_SUCCESS, USERAUTH_INFO_REQUEST, SERVICE_ACCEPT]) {
      expect(handler).toBeTypeOf('function')
    }
    client.destroy()
  })

  test('has the handler of goodbyes, which keeps to itself those of an application', () => {
    const client = connectedClient()
    const errors: unknown[] = []
    client.on('error', (error) => errors.push(error))
    const { _handlers } = (
      client as unknown as { _protocol: { _handlers: { DISCONNECT: (...args: unknown[]) => void } } }
    )._protocol
    _handlers.DISCONNECT(undefined, 11, 'bye')
    expect(errors).toEqual([])
    reportEveryDisconnect(client)
    _handlers.DISCONNECT(undefined, 11, 'bye')
    expect(errors).toMatchObject([{ code: 11, message: 'bye' }])
    client.destroy()
  })

  test('is kept from asking a server to prove host keys that nobody wants', () => {
    const client = connectedClient()
    ignoreHostKeyUpdates(client)
    const { _handlers } = (
      client as unknown as { _protocol: { _handlers: Record<string, (...args: unknown[]) => void> } }
    )._protocol
    const announcement = [Buffer.from('no key at all')]
    expect(() =>
      _handlers['GLOBAL_REQUEST']?.(undefined, 'hostkeys-00@openssh.com', false, announcement),
    ).not.toThrow()
    client.destroy()
  })

  test.each([
    ['is exchanging keys strictly with a server that offers it', undefined, true],
    ['is not with a server that does not', false, false],
  ] as const)('%s, and says so by the time that the host key is shown', async (_, strictKex, expected) => {
    await using rogue = await startRogueServer({ hostKey: await keyPair('rogue'), strictKex })
    const client = new Client()
    client.on('error', () => {})
    const socket = connect(rogue.port, rogue.host)
    let stated: boolean | undefined
    client.connect({
      sock: socket,
      username: 'u',
      readyTimeout: 0,
      hostVerifier: () => {
        stated = usesStrictKex(client)
        return false
      },
    })
    expect(usesStrictKex(client)).toBe(false)
    await once(socket, 'close')
    expect(stated).toBe(expected)
  })

  test('has a ping whose answer is queued', () => {
    const client = connectedClient()
    const queue = (client as unknown as { _callbacks: unknown[] })._callbacks
    const before = queue.length
    sendKeepalive(client)
    expect(queue).toHaveLength(before + 1)
    client.destroy()
  })

  test('sends a message that is to be ignored', () => {
    const written: Buffer[] = []
    const stream = silentStream()
    stream._write = (chunk: Buffer, _encoding, done) => {
      written.push(chunk)
      done()
    }
    const client = new Client()
    client.on('error', () => {})
    client.connect({ sock: stream as never, username: 'u', readyTimeout: 0, hostVerifier: () => true })
    stream.emit('connect')
    written.length = 0
    sendIgnore(client)
    const packet = Buffer.concat(written)
    // RFC 4253 6: the length, the length of the padding, then the message.
    expect(packet.readUInt32BE(0)).toBe(packet.length - 4)
    expect(packet.subarray(5, packet.length - packet.readUInt8(4))).toEqual(Buffer.from([2, 0, 0, 0, 0]))
    client.destroy()
  })

  test('has the channels that are being opened, as functions, and a handler for those that were', () => {
    const client = connectedClient()
    const { _chanMgr, _protocol } = client as unknown as {
      _chanMgr: { add(opened: () => void): number; get(id: number): unknown }
      _protocol: { _handlers: Record<string, unknown> }
    }
    expect(_protocol._handlers['CHANNEL_OPEN_CONFIRMATION']).toBeTypeOf('function')
    expect(_chanMgr.get(_chanMgr.add(() => {}))).toBeTypeOf('function')
    expect(_chanMgr.get(99)).not.toBeTypeOf('function')
    client.destroy()
  })

  test('takes the number of a channel where it can be seen, and has another told when it opens', () => {
    const client = connectedClient()
    const internals = client as unknown as {
      _chanMgr: { get(id: number): unknown }
      _protocol: { _handlers: Record<string, (protocol: unknown, info: object) => void> }
    }
    const told: unknown[] = []
    const given: unknown[] = []
    const giveUp = requestChannel(client, {
      request: () => client.exec('true', (error) => told.push(error)),
      discard: (channel) => given.push(channel),
    })
    giveUp()
    const info = { recipient: 0, sender: 0, window: 1000, packetSize: 1000 }
    internals._protocol._handlers['CHANNEL_OPEN_CONFIRMATION']?.(undefined, info)
    expect(given).toEqual([internals._chanMgr.get(0)])
    expect(given[0]).toMatchObject({ type: 'session' })
    giveUp()
    expect(given).toHaveLength(2)
    expect(told).toEqual([])
    client.destroy()
  })

  test('would write for ever to a channel with packets of no bytes, and is kept from opening one', () => {
    const source = readFileSync(createRequire(import.meta.url).resolve('ssh2/lib/Channel.js'), 'utf8')
    expect(source).toContain('while (len - p > 0 && window > 0)')
    const client = connectedClient()
    const odd: unknown[] = []
    const told: unknown[] = []
    watchConfirmations(client, () => odd.push('odd'))
    client.exec('true', (error) => told.push(error))
    const { _protocol } = client as unknown as {
      _protocol: { _handlers: Record<string, (protocol: unknown, info: object) => void> }
    }
    const info = { recipient: 0, sender: 0, window: 1000, packetSize: 0 }
    _protocol._handlers['CHANNEL_OPEN_CONFIRMATION']?.(undefined, info)
    expect(odd).toEqual(['odd'])
    expect(told).toEqual([])
    client.destroy()
  })

  test('has what is sent on a channel, and the state by which it is kept silent', () => {
    const client = connectedClient()
    const { _protocol } = client as unknown as { _protocol: Record<string, unknown> }
    expect(_protocol['signal']).toBeTypeOf('function')
    expect(_protocol['windowChange']).toBeTypeOf('function')
    const written: unknown[] = []
    const stub = {
      _client: { _protocol: { signal: (...args: unknown[]) => written.push(args) } },
      outgoing: { id: 7, state: 'eof' },
    }
    sendSignal(stub as never, 'TERM')
    expect(written).toEqual([[7, 'TERM']])
    markClosed(stub as never)
    sendSignal(stub as never, 'TERM')
    expect(written).toHaveLength(1)
    client.destroy()
  })

  test('keeps books of a window that can be given more, tops up to 2 MiB, and leaves more alone', () => {
    const client = connectedClient()
    const internals = client as unknown as {
      _protocol: {
        _handlers: Record<string, (protocol: unknown, ...info: unknown[]) => void>
        channelWindowAdjust: (id: number, bytes: number) => void
      }
    }
    const granted: unknown[] = []
    internals._protocol.channelWindowAdjust = (id, bytes) => granted.push([id, bytes])
    const opened: ClientChannel[] = []
    client.forwardOut('', 0, 'h', 1, (_error, channel) => opened.push(channel))
    const info = { recipient: 0, sender: 7, window: 1000, packetSize: 1000 }
    internals._protocol._handlers['CHANNEL_OPEN_CONFIRMATION']?.(undefined, info)
    const [channel] = opened
    if (channel === undefined) throw new Error('no channel')
    expect(connectionOf(channel)).toBe(client)
    expect(creditOf(channel)).toBe(2 ** 21)
    const arrived: number[] = []
    watchArrivals(channel, (bytes) => arrived.push(bytes))
    channel.resume()
    const data = (bytes: number): void =>
      internals._protocol._handlers['CHANNEL_DATA']?.(undefined, 0, Buffer.alloc(bytes))
    data(2 ** 20)
    expect(granted).toEqual([[7, 2 ** 20]])
    giveCredit(channel, 2 ** 22)
    expect(granted).toEqual([
      [7, 2 ** 20],
      [7, 2 ** 22],
    ])
    data(2 ** 20)
    expect(granted).toHaveLength(2)
    expect(creditOf(channel)).toBe(2 ** 21 + 2 ** 22 - 2 ** 20)
    internals._protocol._handlers['CHANNEL_EXTENDED_DATA']?.(undefined, 0, Buffer.alloc(5), 1)
    expect(arrived).toEqual([2 ** 20, 2 ** 20, 5])
    markClosed(channel)
    giveCredit(channel, 1)
    expect(granted).toHaveLength(2)
    client.destroy()
  })

  test('takes any amount beyond a window, and is kept from it to the byte', () => {
    const client = connectedClient()
    const internals = client as unknown as {
      _protocol: {
        _handlers: Record<string, (protocol: unknown, ...info: unknown[]) => void>
        channelWindowAdjust: () => void
      }
    }
    internals._protocol.channelWindowAdjust = () => {}
    const receive = (name: string, ...info: unknown[]): void =>
      internals._protocol._handlers[name]?.(undefined, 0, ...info)
    const opened: (ClientChannel & { incoming: { window: number }; outgoing: { window: number } })[] = []
    client.forwardOut('', 0, 'h', 1, (_error, channel) => opened.push(channel as never))
    const info = { recipient: 0, sender: 7, window: 1000, packetSize: 1000 }
    internals._protocol._handlers['CHANNEL_OPEN_CONFIRMATION']?.(undefined, info)
    const [channel] = opened
    if (channel === undefined) throw new Error('no channel')
    channel.incoming.window = 10
    receive('CHANNEL_DATA', Buffer.alloc(110))
    expect(channel.incoming.window).not.toBe(10)

    const told: string[] = []
    watchWindows(client, (how) => told.push(how))
    for (const name of ['CHANNEL_DATA', 'CHANNEL_EXTENDED_DATA']) {
      const unread = () => channel.readableLength + channel.stderr.readableLength
      const before = unread()
      channel.incoming.window = 2 ** 20 + 32_768
      receive(name, Buffer.alloc(32_769), 1)
      expect(told.splice(0)).toEqual(['sent a larger packet than a channel takes'])
      expect(unread()).toBe(before)
      receive(name, Buffer.alloc(32_768), 1)
      expect(unread()).toBe(before + 32_768)
      channel.incoming.window = 10
      receive(name, Buffer.alloc(11), 1)
      expect(told.splice(0)).toEqual(['sent more than the window of a channel'])
      channel.incoming.window = 0
      receive(name, Buffer.alloc(0), 1)
      expect(told).toEqual([])
      receive(name, Buffer.alloc(1), 1)
      expect(told.splice(0)).toEqual(['sent more than the window of a channel'])
      expect(unread()).toBe(before + 32_768)
      channel.incoming.window = 10
      receive(name, Buffer.alloc(10), 1)
      expect(unread()).toBe(before + 32_778)
    }
    expect(channel.outgoing.window).toBe(1000)
    receive('CHANNEL_WINDOW_ADJUST', 2 ** 32 - 1000)
    expect(told.splice(0)).toEqual(['opened the window of a channel beyond its limit'])
    receive('CHANNEL_WINDOW_ADJUST', 2 ** 32 - 1001)
    expect(channel.outgoing.window).toBe(2 ** 32 - 1)
    expect(told).toEqual([])
    client.destroy()
  })

  test('tells that a channel was closed when all has been read, and is made to tell at once', () => {
    const client = connectedClient()
    const internals = client as unknown as {
      _protocol: {
        _handlers: Record<string, (protocol: unknown, ...info: unknown[]) => void>
        channelClose: () => void
      }
    }
    const { _protocol } = internals
    _protocol.channelClose = () => {}
    const told: string[] = []
    announceCloses(client)
    client.forwardOut('', 0, 'h', 1, (_error, channel) => {
      channel.on('closed there', () => told.push('closed there'))
      channel.on('close', () => told.push('close'))
    })
    const info = { recipient: 0, sender: 7, window: 1000, packetSize: 1000 }
    _protocol._handlers['CHANNEL_OPEN_CONFIRMATION']?.(undefined, info)
    _protocol._handlers['CHANNEL_DATA']?.(undefined, 0, Buffer.from('unread'))
    _protocol._handlers['CHANNEL_CLOSE']?.(undefined, 0)
    _protocol._handlers['CHANNEL_CLOSE']?.(undefined, 0)
    expect(told).toEqual(['closed there'])
    client.destroy()
  })

  test('gives a channel the parts that we rely on', () => {
    const source = readFileSync(createRequire(import.meta.url).resolve('ssh2/lib/Channel.js'), 'utf8')
    expect(source).toContain('this.outgoing = info.outgoing')
    expect(source).toContain('this._client = client')
    expect(source).toContain("if (self.outgoing.state === 'closed')")
  })

  test('names its algorithms', () => {
    expect(engineAlgorithms.DEFAULT_KEX).toContain('curve25519-sha256')
    expect(engineAlgorithms.SUPPORTED_CIPHER).toContain('aes128-gcm@openssh.com')
    expect(engineAlgorithms.DEFAULT_SERVER_HOST_KEY).toContain('ssh-ed25519')
    expect(engineAlgorithms.DEFAULT_MAC).toContain('hmac-sha2-256-etm@openssh.com')
    expect(engineAlgorithms.SUPPORTED_COMPRESSION).toContain('zlib@openssh.com')
  })
})
