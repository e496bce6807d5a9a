// What is our sockets' own: how they stand to the stream below, to the lease, and to code that comes late.

import { getEventListeners, once } from 'node:events'
import { type Duplex, PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { ConnectError, SallyportError } from '../../../src/errors.js'
import { ChannelSocket } from '../../../src/socket/channel-socket.js'
import { SocketError } from '../../../src/socket/socket-error.js'
import { leakCheck } from '../../support/leak-check.js'
import { hop } from '../exec/fake-session.js'
import { fakeLease, openerByHand } from './kinds.js'

leakCheck()

const address = { host: 'db.internal', port: 5432 }

/** A socket that is open, and what is below it. */
function opened(options = {}) {
  const { open, deliver, calls } = openerByHand()
  const socket = new ChannelSocket(open, options).connect(address)
  const { near, far } = deliver()
  const ready = once(socket, 'ready')
  return { socket, near, far, calls, ready }
}

describe('a socket that is being opened', () => {
  it('gives up the attempt when it is destroyed, and destroys what comes too late', async () => {
    const { open, deliver, signals } = openerByHand()
    const socket = new ChannelSocket(open).connect(address)
    socket.destroy()
    expect(signals[0]?.aborted).toBe(true)
    const { near } = deliver()
    await turn()
    expect(near.destroyed).toBe(true)
    expect(socket.pending).toBe(true)
  })

  it('that is connected again is not taken in by the first attempt', async () => {
    const { open, deliver } = openerByHand()
    const socket = new ChannelSocket(open).connect(address)
    await once(socket.destroy(), 'close')
    socket.connect(address)
    const late = deliver()
    await turn()
    expect([late.near.destroyed, socket.connecting]).toEqual([true, true])
    deliver()
    await once(socket, 'connect')
    socket.destroy()
  })

  it('that is connected again still goes by its signal, and lets go of it each time', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const { open, deliver } = openerByHand()
    const socket = new ChannelSocket(open, { signal }).connect(address)
    deliver()
    await once(socket, 'connect')
    socket.destroy()
    expect(getEventListeners(signal, 'abort')).toEqual([])
    // Before its first close is told.
    socket.connect(address)
    deliver()
    await once(socket, 'connect')
    await turn()
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    const failed = once(socket, 'error')
    controller.abort('enough')
    expect(await failed).toMatchObject([{ name: 'AbortError', cause: 'enough' }])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('opens nothing when its signal is aborted already', async () => {
    const { open, signals } = openerByHand()
    const socket = new ChannelSocket(open, { signal: AbortSignal.abort() })
    const closed = (): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()))
    await closed()
    const closedAgain = closed()
    socket.connect(address)
    expect([signals, socket.destroyed, socket.connecting]).toEqual([[], true, false])
    await closedAgain
  })

  it('cannot be connected twice at once', async () => {
    const { open } = openerByHand()
    const socket = new ChannelSocket(open).connect(address).connect(address)
    expect(await once(socket, 'error')).toMatchObject([{ code: 'EALREADY' }])
  })

  it('waits no longer than it may', () => {
    const limits: unknown[] = []
    const never = new Promise<never>(() => {})
    const socket = new ChannelSocket(
      (_address, { timeoutMs }) => {
        limits.push(timeoutMs)
        return never
      },
      { timeoutMs: 250 },
    ).connect(address)
    expect(limits).toEqual([250])
    socket.destroy()
  })

  it.each([
    [['5432'], { host: 'localhost', port: 5432 }],
    [[5432, 'db'], { host: 'db', port: 5432 }],
    [[5432, 'db', () => {}], { host: 'db', port: 5432 }],
    [['/run/db.sock'], { path: '/run/db.sock' }],
    [[{ port: 1, host: '::1', autoSelectFamily: true, family: 6, noDelay: true }], { host: '::1', port: 1 }],
    [[{ path: '/run/db.sock', port: 1 }], { path: '/run/db.sock' }],
  ])('reads %o as net.Socket does', (given, expected) => {
    const asked: unknown[] = []
    const never = new Promise<never>(() => {})
    const socket = new ChannelSocket((to) => {
      asked.push(to)
      return never
    })
    socket.connect(...given)
    expect(asked).toEqual([expected])
    socket.destroy()
  })

  it.each([[[]], [[{}]], [[0]], [[65_536]], [[{ port: 'x' }]], [['']], [[{ path: 'a\nb' }]]])(
    'refuses %o at once',
    (given) => {
      const socket = new ChannelSocket(openerByHand().open)
      expect(() => socket.connect(...given)).toThrow(TypeError)
      socket.destroy()
    },
  )
})

describe('an open socket', () => {
  it('answers those who come too late to see it connect, once', async () => {
    const { socket, ready } = opened()
    await ready
    const calls: string[] = []
    socket.once('connect', () => calls.push('connect')).once('ready', () => calls.push('ready'))
    socket.on('connect', () => calls.push('again'))
    await turn()
    expect(calls).toEqual(['connect', 'ready'])
    await once(socket, 'connect')
    const taken = () => calls.push('taken back')
    socket.once('connect', taken).off('connect', taken)
    await turn()
    expect(calls).toEqual(['connect', 'ready'])
    socket.destroy()
  })

  it('says of the other side what was asked for, and of this side nothing', async () => {
    const { socket, ready } = opened()
    await ready
    expect(socket).toMatchObject({ remoteAddress: 'db.internal', remotePort: 5432 })
    expect([socket.remoteFamily, socket.localAddress, socket.localPort, socket.address()]).toEqual([
      ...[undefined, undefined, undefined, {}],
    ])
    socket.destroy()
  })

  it('has its lease keep the process alive, or not', async () => {
    const { socket, calls, ready } = opened()
    socket.unref()
    await ready
    socket.ref()
    expect(calls).toEqual(['unref', 'ref'])
    socket.destroy()
  })

  it('fails with the stream below, and has its reason', async () => {
    const { socket, near, ready } = opened()
    await ready
    const cause = new ConnectError('CONNECTION_LOST', 'lost', { hop, phase: 'session' })
    near.destroy(cause)
    const [error] = await once(socket, 'error')
    expect(error).toBeInstanceOf(SocketError)
    expect(error).toMatchObject({ code: 'ECONNRESET', errno: -104, syscall: 'read', cause })
  })

  it('that is closed with its connection fails as drivers expect, and its cause tells why', async () => {
    const { socket, near, ready } = opened()
    await ready
    near.destroy(new SallyportError('CLOSED', 'closed'))
    expect(await once(socket, 'error')).toMatchObject([{ code: 'ECONNRESET', cause: { code: 'CLOSED' } }])
  })

  it('joins small writes, and sends large ones piece by piece', async () => {
    const written: number[] = []
    const below = new PassThrough({ highWaterMark: 10_000_000 })
    const write = below.write.bind(below) as (chunk: Buffer, done: () => void) => boolean
    below.write = ((chunk: Buffer, done: () => void) => {
      written.push(chunk.length)
      return write(chunk, done)
    }) as typeof below.write
    const socket = new ChannelSocket(openerByHand().open)
    socket.adopt({ stream: below, lease: fakeLease() }, address)
    socket.cork()
    for (let count = 0; count < 100; count++) socket.write('x'.repeat(1000))
    socket.uncork()
    socket.write(Buffer.alloc(600_000))
    await new Promise((resolve) => socket.write('end', resolve))
    expect(written).toEqual([32_000, 32_000, 32_000, 4000, 262_144, 262_144, 75_712, 3])
    expect(socket.bytesWritten).toBe(700_003)
    socket.destroy()
  })

  it('that the other side closes in the middle of a write lets what it said be read, and then fails', async () => {
    const { socket, near } = stuck()
    socket.write(moreThanFits)
    near.push('last words')
    near.push(null)
    await turn()
    near.destroy()
    const chunks: string[] = []
    socket.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk))
    expect(await once(socket, 'error')).toMatchObject([{ code: 'ECONNRESET', syscall: 'write' }])
    expect(chunks).toEqual(['last words'])
  })

  it.each<[string, (socket: ChannelSocket) => unknown]>([
    ['nobody reads', () => {}],
    ['its reader pauses', (socket) => socket.resume().pause()],
  ])(
    'that the other side closes fails a write although there is more to read, when %s',
    async (_when, read) => {
      const { socket, near } = stuck()
      read(socket)
      near.push(Buffer.alloc(200_000))
      near.push(null)
      const failed = new Promise((resolve) => socket.write(moreThanFits, resolve))
      await turn()
      near.emit('closed there')
      expect(await failed).toMatchObject({ code: 'ECONNRESET', syscall: 'write' })
      expect(socket.errored).toMatchObject({ code: 'ECONNRESET' })
    },
  )

  it('that the other side has closed already fails a write although there is more to read', async () => {
    const { socket, near } = stuck()
    near.push(Buffer.alloc(200_000))
    await turn()
    near.emit('closed there')
    expect(socket.destroyed).toBe(false)
    socket.write(moreThanFits)
    expect(await once(socket, 'error')).toMatchObject([{ code: 'ECONNRESET', syscall: 'write' }])
  })

  it('that the other side closes fails a write as soon as its reader pauses', async () => {
    const { socket, near } = stuck()
    socket.resume()
    near.push(Buffer.alloc(200_000))
    socket.write(moreThanFits)
    near.emit('closed there')
    expect(socket.destroyed).toBe(false)
    socket.pause()
    expect(await once(socket, 'error')).toMatchObject([{ code: 'ECONNRESET', syscall: 'write' }])
  })

  it('that was lost in the middle of a write may pause when it is connected again', async () => {
    const { open, deliver } = openerByHand()
    const socket = new ChannelSocket(open).connect(address)
    const { near } = deliver()
    near._write = () => {}
    await once(socket, 'ready')
    socket.resume().write(moreThanFits)
    near.emit('closed there')
    await once(socket.destroy(), 'close')
    socket.connect(address)
    const again = deliver()
    again.near._write = () => {}
    await once(socket, 'ready')
    socket.write('under way')
    socket.pause()
    expect(socket.destroyed).toBe(false)
    socket.destroy()
  })

  it('that the other side closes is read to the end before its write fails', async () => {
    const { socket, near } = stuck()
    let received = 0
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    near.push(Buffer.alloc(200_000))
    socket.write(moreThanFits)
    near.emit('closed there')
    near.push(Buffer.alloc(100_000))
    near.push(null)
    expect(await once(socket, 'error')).toMatchObject([{ code: 'ECONNRESET', syscall: 'write' }])
    expect(received).toBe(300_000)
  })

  it('that the other side has closed takes one short write, which is lost as with TCP, and no more', async () => {
    const { socket, near } = stuck({ allowHalfOpen: true })
    near.push(null)
    near.destroy()
    await once(socket.resume(), 'end')
    expect(await new Promise((resolve) => socket.write('goodbye', resolve))).toBeFalsy()
    expect(socket.destroyed).toBe(false)
    socket.write('x')
    expect(await once(socket, 'error')).toMatchObject([{ code: 'EPIPE', syscall: 'write' }])
  })

  it('that the other side closes takes the short write that is under way, which is lost as with TCP', async () => {
    const { socket, near } = stuck()
    socket.resume()
    const written = new Promise((resolve) => socket.write('goodbye', resolve))
    near.emit('closed there')
    expect(await written).toBeFalsy()
    expect(socket.destroyed).toBe(false)
    socket.destroy()
  })

  it('is idle when nothing is read or written, and only then', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { socket, far, ready } = opened()
      await ready
      const timeouts: string[] = []
      socket.setTimeout(1000).on('timeout', () => timeouts.push('idle'))
      vi.advanceTimersByTime(900)
      socket.write('x')
      await turn()
      vi.advanceTimersByTime(900)
      socket.resume()
      far.write('y')
      await turn()
      vi.advanceTimersByTime(900)
      expect(timeouts).toEqual([])
      vi.advanceTimersByTime(200)
      expect(timeouts).toEqual(['idle'])
      vi.advanceTimersByTime(5000)
      expect(timeouts).toEqual(['idle'])
      socket.write('x')
      await turn()
      vi.advanceTimersByTime(1100)
      expect(timeouts).toEqual(['idle', 'idle'])
      socket.destroy()
      vi.advanceTimersByTime(5000)
      expect(timeouts).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })

  it.each([-1, Number.NaN])('takes %d for no time', (timeout) => {
    const socket = new ChannelSocket(openerByHand().open)
    expect(() => socket.setTimeout(timeout)).toThrow(RangeError)
    socket.destroy()
  })
})

/** More than TCP would take without asking the other side. */
const moreThanFits = Buffer.alloc(100_000)

/** An open socket whose other side takes nothing. */
function stuck(options = {}): { socket: ChannelSocket; near: Duplex } {
  const near = new PassThrough().on('error', () => {})
  near._transform = () => {}
  const socket = new ChannelSocket(openerByHand().open, options)
  return { socket: socket.adopt({ stream: near, lease: fakeLease() }, address), near }
}
