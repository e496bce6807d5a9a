import { EventEmitter, once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import type { Channel } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { ChannelStream, closeChannel } from '../../../src/wire/ssh2-channel.js'
import { leakCheck } from '../../support/leak-check.js'

leakCheck()

/** What ssh2 gives for a channel, moved by hand. */
class FakeChannel extends EventEmitter {
  readonly outgoing = { id: 0, state: 'open' }
  readonly written: string[] = []
  readonly held: ((error?: Error) => void)[] = []
  holdsWrites = false
  isPaused = false
  hasEnded = false
  closes = 0
  isConnected = true

  write(data: Buffer, _encoding: string, done: () => void): void {
    this.written.push(data.toString())
    if (this.holdsWrites) this.held.push(done)
    else done()
  }
  end(): void {
    this.hasEnded = true
  }
  pause(): void {
    this.isPaused = true
  }
  resume(): void {
    this.isPaused = false
  }
  close(): void {
    if (!this.isConnected) throw new Error('Not connected')
    this.closes += 1
  }
}

function streamOver(closes: 'when ended' | 'when closed' = 'when ended') {
  const channel = new FakeChannel()
  return { channel, stream: new ChannelStream(channel as unknown as Channel, closes) }
}

/** The other side has nothing more to say, and then has closed. */
function closeFromThere(channel: FakeChannel): void {
  channel.emit('end')
  channel.emit('close')
}

describe('a channel as a stream', () => {
  it('carries bytes in both directions, and half-closes', async () => {
    const { channel, stream } = streamOver()
    stream.end('question')
    await once(stream, 'finish')
    expect(channel.written).toEqual(['question'])
    expect(channel.hasEnded).toBe(true)
    expect(stream.destroyed).toBe(false)
    channel.emit('data', Buffer.from('ans'))
    channel.emit('data', Buffer.from('wer'))
    channel.emit('end')
    expect(await text(stream)).toBe('answer')
  })

  it('reads no more than its reader does', async () => {
    const { channel, stream } = streamOver()
    channel.emit('data', Buffer.alloc(stream.readableHighWaterMark))
    expect(channel.isPaused).toBe(true)
    stream.resume()
    await turn()
    expect(channel.isPaused).toBe(false)
    stream.destroy()
  })

  it('writes no faster than the channel takes it', async () => {
    const { channel, stream } = streamOver()
    channel.holdsWrites = true
    stream.write('one')
    stream.write('two')
    await turn()
    expect(channel.written).toEqual(['one'])
    channel.held.shift()?.()
    await turn()
    expect(channel.written).toEqual(['one', 'two'])
    stream.destroy()
  })
})

describe('the end of a channel', () => {
  it('is told to the other side once when the stream is destroyed, and nothing is written afterwards', async () => {
    const { channel, stream } = streamOver()
    stream.destroy()
    await once(stream, 'close')
    expect(channel.closes).toBe(1)
    expect(channel.outgoing.state).toBe('closed')
  })

  it('drops what still comes in, so that nothing waits for a reader who has gone', async () => {
    const { channel, stream } = streamOver()
    channel.emit('data', Buffer.alloc(stream.readableHighWaterMark))
    stream.destroy()
    await once(stream, 'close')
    expect(channel.isPaused).toBe(false)
    expect(channel.listenerCount('data')).toBe(0)
  })

  it('by the other side leaves what was received to be read', async () => {
    const { channel, stream } = streamOver()
    channel.emit('data', Buffer.from('last words'))
    closeFromThere(channel)
    await turn()
    expect(stream.destroyed).toBe(false)
    expect(await text(stream)).toBe('last words')
    if (!stream.closed) await once(stream, 'close')
    expect(stream.writable).toBe(false)
  })

  it.each(['when ended', 'when closed'] as const)(
    'by the other side leaves what was received to be read, and an end, in the middle of a write: %s',
    async (closes) => {
      const { channel, stream } = streamOver(closes)
      channel.holdsWrites = true
      stream.write('more')
      channel.emit('data', Buffer.from('last words'))
      closeFromThere(channel)
      channel.held[0]?.(new Error('write after end'))
      expect(await text(stream)).toBe('last words')
      if (!stream.closed) await once(stream, 'close')
    },
  )

  it('by the other side is told at once, and what was received is read when its reader comes', async () => {
    const { channel, stream } = streamOver()
    const told: string[] = []
    stream.on('closed there', () => told.push('closed there'))
    channel.emit('data', Buffer.from('last words'))
    channel.emit('closed there')
    expect(told).toEqual(['closed there'])
    closeFromThere(channel)
    expect(await text(stream)).toBe('last words')
  })

  it('by the other side ends a stream that nobody reads once its reader comes', async () => {
    const { channel, stream } = streamOver()
    closeFromThere(channel)
    stream.resume()
    await once(stream, 'close')
  })

  it('in both directions closes it, or does not before the other side has', async () => {
    const both = async (closes: 'when ended' | 'when closed') => {
      const { channel, stream } = streamOver(closes)
      stream.end()
      channel.emit('end')
      stream.resume()
      await once(stream, 'end')
      await turn()
      return { channel, stream }
    }
    expect((await both('when ended')).channel.closes).toBe(1)
    const { channel, stream } = await both('when closed')
    expect(channel.closes).toBe(0)
    channel.emit('close')
    expect(stream.destroyed).toBe(true)
  })
})

describe('an error of a channel', () => {
  it('is the stream’s, and no uncaught one', async () => {
    const { channel, stream } = streamOver()
    const error = new Error('lost')
    channel.emit('error', error)
    await turn()
    expect(stream.errored).toBe(error)
    expect(stream.destroyed).toBe(true)
  })
})

describe('closing a channel', () => {
  it('whose connection is gone does not fail', () => {
    const channel = new FakeChannel()
    channel.isConnected = false
    expect(() => closeChannel(channel as unknown as Channel)).not.toThrow()
    expect(channel.outgoing.state).toBe('closed')
  })
})
