// What code for sockets relies on, asked of a real one and of ours.

import { once } from 'node:events'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ourSockets, type Pair, systemSockets } from './kinds.js'

describe.each([systemSockets(), ourSockets()])('$name', (kind) => {
  beforeAll(kind.open)
  afterAll(kind.close)

  const opened = async (pair: Pair): Promise<{ socket: Socket; far: Duplex }> => {
    const connected = once(pair.connect(), 'connect')
    const [far] = await Promise.all([pair.far(), connected])
    return { socket: pair.socket, far }
  }

  it('is a net.Socket that is pending until it is told where to connect', () => {
    const { socket } = kind.pair()
    expect(socket).toBeInstanceOf(Socket)
    expect(socket).toMatchObject({ connecting: false, pending: true, destroyed: false, readyState: 'open' })
    expect(socket.address()).toEqual({})
    expect(socket.remoteAddress).toBeUndefined()
    expect(socket.bytesRead).toBe(0)
    socket.destroy()
  })

  it('is connecting, then connected, then ready', async () => {
    const pair = kind.pair()
    const { socket } = pair
    const states: unknown[] = []
    const note = (event: string) => () => {
      states.push([event, socket.connecting, socket.pending, socket.readyState])
    }
    socket.on('connect', note('connect')).on('ready', note('ready'))
    expect(pair.connect()).toBe(socket)
    note('at first')()
    await once(socket, 'ready')
    expect(states).toEqual([
      ['at first', true, true, 'opening'],
      ['connect', false, false, 'open'],
      ['ready', false, false, 'open'],
    ])
    socket.destroy()
  })

  it('says where it leads', async () => {
    const { socket } = await opened(kind.pair())
    expect(socket).toMatchObject({ remoteAddress: '127.0.0.1', remoteFamily: 'IPv4' })
    expect(socket.remotePort).toEqual(expect.any(Number))
    socket.destroy()
  })

  it('keeps what is written before it is connected, and counts it', async () => {
    const pair = kind.pair()
    pair.connect()
    const written: string[] = []
    pair.socket.write('grüße ', () => written.push('first'))
    pair.socket.write(Buffer.from('from '), () => written.push('second'))
    pair.socket.end('here')
    const received = await allOf(await pair.far())
    expect(received).toBe('grüße from here')
    expect(written).toEqual(['first', 'second'])
    expect(pair.socket.bytesWritten).toBe(Buffer.byteLength(received))
    pair.socket.destroy()
  })

  it('counts what it reads, and ends when the other side does', async () => {
    const pair = kind.pair()
    const { socket } = pair
    const events: string[] = []
    for (const event of ['connect', 'ready', 'data', 'end', 'finish', 'error']) {
      socket.on(event, () => events.push(event))
    }
    socket.on('close', (hadError) => events.push(`close ${hadError}`))
    const { far } = await opened(pair)
    far.end('hello')
    far.resume()
    await once(socket, 'close')
    expect(events).toEqual(['connect', 'ready', 'data', 'end', 'finish', 'close false'])
    expect(socket.bytesRead).toBe(5)
    expect(socket).toMatchObject({ destroyed: true, readyState: 'closed', pending: true })
  })

  it('tells the end also to those who read nothing', async () => {
    const { socket, far } = await opened(kind.pair())
    far.end()
    far.resume()
    await once(socket, 'end')
    await once(socket, 'close')
  })

  it('can read on after its own end', async () => {
    const { socket, far } = await opened(kind.pair())
    const closed = once(socket, 'close')
    socket.end('question')
    expect(await allOf(far)).toBe('question')
    expect(socket.readyState).toBe('readOnly')
    far.end('answer')
    expect(await allOf(socket)).toBe('answer')
    expect(await closed).toEqual([false])
  })

  it('can write on after the other side’s end, if it was asked for', async () => {
    const { socket, far } = await opened(kind.pair({ allowHalfOpen: true }))
    expect(socket.allowHalfOpen).toBe(true)
    const closed = once(socket, 'close')
    far.end('question')
    expect(await allOf(socket)).toBe('question')
    expect(socket.readyState).toBe('writeOnly')
    socket.end('answer')
    expect(await allOf(far)).toBe('answer')
    expect(await closed).toEqual([false])
  })

  it('takes a write after the other side’s end for an EPIPE otherwise', async () => {
    const { socket, far } = await opened(kind.pair())
    socket.on('error', () => {})
    const refused = new Promise((resolve) => {
      socket.once('finish', () => socket.write('too late', resolve))
    })
    far.end()
    far.resume()
    socket.resume()
    expect(await refused).toMatchObject({ code: 'EPIPE' })
  })

  it('that is refused has an error in the words of the system, and then closes', async () => {
    const { connect, socket } = kind.refused()
    const events: unknown[] = []
    socket.on('connect', () => events.push('connect'))
    socket.on('error', (error) => events.push(error))
    socket.on('close', (hadError) => events.push(hadError))
    connect()
    await new Promise((resolve) => socket.on('close', resolve))
    expect(events).toEqual([
      expect.objectContaining({
        code: 'ECONNREFUSED',
        errno: -111,
        syscall: 'connect',
        address: '127.0.0.1',
        port: 1,
        message: expect.stringContaining('connect ECONNREFUSED 127.0.0.1:1'),
      }),
      true,
    ])
  })

  it('that is destroyed before it is connected never connects', async () => {
    const pair = kind.pair()
    const events: unknown[] = []
    pair.socket.on('connect', () => events.push('connect')).on('error', (error) => events.push(error))
    pair.connect().destroy()
    await once(pair.socket, 'close')
    for (let turns = 0; turns < 5; turns++) await turn()
    expect(events).toEqual([])
    expect(pair.socket).toMatchObject({ connecting: false, destroyed: true })
  })

  it('that is destroyed with an error tells it, and fails the writes that wait', async () => {
    const pair = kind.pair()
    const failed: unknown[] = []
    pair.connect().write('x', (error) => failed.push(error instanceof Error))
    const ended = new Promise((resolve) => {
      pair.socket.on('close', (hadError) => setImmediate(resolve, hadError))
    })
    expect(await once(pair.socket.destroy(new Error('enough')), 'error')).toMatchObject([
      { message: 'enough' },
    ])
    expect(await ended).toBe(true)
    expect(failed).toEqual([true])
  })

  it('destroys itself when all is written, if it is to do so soon', async () => {
    const { socket, far } = await opened(kind.pair())
    const closed = once(socket, 'close')
    socket.write(Buffer.alloc(300_000))
    socket.destroySoon()
    expect((await allOf(far)).length).toBe(300_000)
    await closed
  })

  it('cannot be written to before it is told where to connect', async () => {
    const { socket } = kind.pair()
    socket.write('x')
    expect(await once(socket, 'error')).toMatchObject([{ code: 'ERR_SOCKET_CLOSED' }])
  })

  it('takes what is said about packets and about the process, and gives itself', async () => {
    const { socket } = await opened(kind.pair())
    expect(socket.setNoDelay(true).setKeepAlive(true, 1000).unref().ref().setTimeout(0)).toBe(socket)
    expect(socket.setEncoding('utf8').pause().resume()).toBe(socket)
    socket.destroy()
  })

  it('tells that nothing happens, and goes on', async () => {
    const { socket, far } = await opened(kind.pair())
    const timeouts: string[] = []
    socket.setTimeout(20, () => timeouts.push('callback'))
    expect(socket.timeout).toBe(20)
    await once(socket, 'timeout')
    expect(timeouts).toEqual(['callback'])
    socket.setTimeout(0)
    expect(socket).toMatchObject({ timeout: 0, destroyed: false, readyState: 'open' })
    socket.end('still there')
    expect(await allOf(far)).toBe('still there')
    socket.destroy()
  })

  it('can be connected again after it was closed', async () => {
    const pair = kind.pair()
    pair.connect().destroy()
    await once(pair.socket, 'close')
    pair.connect()
    expect(pair.socket).toMatchObject({ destroyed: false, connecting: true })
    await once(pair.socket, 'connect')
    expect(pair.socket).toMatchObject({ readyState: 'open', pending: false })
    pair.socket.destroy()
  })

  it('is destroyed by its signal', async () => {
    const controller = new AbortController()
    const { socket } = await opened(kind.pair({ signal: controller.signal }))
    const closed = once(socket, 'close')
    controller.abort()
    await expect(closed).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
    expect(socket.destroyed).toBe(true)
  })

  it('waits for its reader, and for the other side’s', async () => {
    const { socket, far } = await opened(kind.pair())
    const bytes = Buffer.alloc(20_000_000, 'x')
    expect(socket.write(bytes)).toBe(false)
    expect(socket.writableNeedDrain).toBe(true)
    expect(socket.bufferSize).toBe(socket.writableLength)
    expect(socket.writableLength).toBeGreaterThan(0)
    far.end(bytes)
    socket.end()
    const [there, here] = await Promise.all([allOf(far), allOf(socket)])
    expect([there.length, here.length]).toEqual([bytes.length, bytes.length])
    expect(socket.bytesRead).toBe(bytes.length)
    expect(socket.bytesWritten).toBe(bytes.length)
  })
})

/** All that comes, without destroying what it comes from. */
function allOf(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return once(stream, 'end').then(() => Buffer.concat(chunks).toString())
}
