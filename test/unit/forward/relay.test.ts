import { once } from 'node:events'
import { createServer, connect as netConnect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { endSoon, Relay, resetStream } from '../../../src/forward/relay.js'

/** A stream whose other end is the test: what it is given is in `got`, what it gives is pushed. */
class End extends Duplex {
  got = ''
  hasEnded = false
  #blocked: (() => void) | undefined
  isBlocking = false

  constructor(highWaterMark = 16) {
    super({ allowHalfOpen: true, highWaterMark })
    this.on('error', () => {})
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.got += chunk.toString()
    if (this.isBlocking) this.#blocked = done
    else done()
  }

  override _final(done: () => void): void {
    this.hasEnded = true
    done()
  }

  unblock(): void {
    this.isBlocking = false
    this.#blocked?.()
  }
}

const join = (highWaterMark?: number) => {
  const here = new End(highWaterMark)
  const there = new End(highWaterMark)
  return { here, there, relay: new Relay({ here, there }) }
}

const turns = async (count = 5): Promise<void> => {
  for (let index = 0; index < count; index++) await turn()
}

type Side = 'here' | 'there'
const orders: readonly (readonly [Side, Side])[] = [
  ['here', 'there'],
  ['there', 'here'],
]

describe('the end of a side', () => {
  test.each(orders)('%s is the end of the input of %s, which may go on', async (first, second) => {
    const { relay, ...sides } = join()
    sides[first].push('question')
    sides[first].push(null)
    await turns()
    expect(sides[second]).toMatchObject({ got: 'question', hasEnded: true, destroyed: false })
    sides[second].push('answer')
    await turns()
    expect(sides[first]).toMatchObject({ got: 'answer', hasEnded: false, destroyed: false })
    sides[second].push(null)
    expect(await relay.ended).toBeUndefined()
    expect(sides[first]).toMatchObject({ hasEnded: true, closed: true })
    expect(relay).toMatchObject(
      first === 'here' ? { bytesSent: 8, bytesReceived: 6 } : { bytesSent: 6, bytesReceived: 8 },
    )
  })

  test.each(orders)('%s that came before they were joined reaches %s', async (first, second) => {
    const here = new End()
    const there = new End()
    const sides = { here, there }
    sides[first].push(null)
    sides[first].read(0)
    await turns()
    expect(sides[first].readableEnded).toBe(true)
    const relay = new Relay(sides)
    await turns()
    expect(sides[second].hasEnded).toBe(true)
    sides[second].push(null)
    expect(await relay.ended).toBeUndefined()
  })

  test.each(orders)(
    '%s that closes in good order lets %s deliver what it was given',
    async (first, second) => {
      const { relay, ...sides } = join()
      sides[second].isBlocking = true
      sides[first].push('last words')
      sides[first].push(null)
      await turns()
      // As a channel does that the other side has closed, before this side has ended.
      sides[first].end()
      await turns()
      expect(sides[first].closed).toBe(true)
      expect(sides[second]).toMatchObject({ got: 'last words', destroyed: false })
      sides[second].unblock()
      expect(await relay.ended).toBeUndefined()
      expect(sides[second]).toMatchObject({ hasEnded: true, closed: true })
    },
  )
})

describe('the reset of a side', () => {
  test.each(orders)('%s by an error closes %s, and is the reason', async (first, second) => {
    const { relay, ...sides } = join()
    const error = new Error('read ECONNRESET')
    sides[first].destroy(error)
    expect(await relay.ended).toBe(error)
    expect(sides[second].closed).toBe(true)
  })

  test.each(orders)('%s without an error, before its end, closes %s', async (first, second) => {
    const { relay, ...sides } = join()
    sides[first].push('some')
    await turns()
    sides[first].destroy()
    expect(await relay.ended).toMatchObject({ message: expect.stringContaining('before it had ended') })
    expect(sides[second]).toMatchObject({ got: 'some', hasEnded: false, closed: true })
  })

  test.each(orders)('%s before they were joined closes %s', async (first, second) => {
    const sides = { here: new End(), there: new End() }
    sides[first].destroy()
    await turns()
    const relay = new Relay(sides)
    expect(await relay.ended).toBeInstanceOf(Error)
    expect(sides[second].closed).toBe(true)
  })

  test.each(orders)(
    '%s after its end and before the end of %s is passed on as well',
    async (first, second) => {
      const { relay, ...sides } = join()
      sides[first].push(null)
      await turns()
      const error = new Error('write EPIPE')
      sides[first].destroy(error)
      expect(await relay.ended).toBe(error)
      expect(sides[second].closed).toBe(true)
    },
  )

  test('by a cut closes both for that reason', async () => {
    const { here, there, relay } = join()
    const error = new Error('closed')
    relay.cut(error)
    relay.cut(new Error('again'))
    expect(await relay.ended).toBe(error)
    expect([here.closed, there.closed]).toEqual([true, true])
  })
})

describe('a side that takes nothing', () => {
  test.each(orders)('holds back %s before %s', async (first, second) => {
    const { relay, ...sides } = join()
    sides[second].isBlocking = true
    let pushed = 0
    while (pushed < 100 && sides[first].push('0123456789')) {
      pushed += 1
      await turns(2)
    }
    expect(pushed).toBeLessThan(10)
    expect(sides[first].isPaused()).toBe(true)
    sides[second].unblock()
    sides[first].push(null)
    sides[second].push(null)
    await relay.ended
    expect(sides[second].got.length).toBe(10 * (pushed + 1))
  })

  test('does not hold back the other direction', async () => {
    const { here, there, relay } = join()
    there.isBlocking = true
    for (let index = 0; index < 5; index++) here.push('0123456789')
    there.push('still')
    await turns()
    expect(here.got).toBe('still')
    relay.cut(new Error('enough'))
    await relay.ended
  })
})

describe('a socket of the system', () => {
  const pair = async (use: (near: Socket, far: Socket) => Promise<void>): Promise<void> => {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { readonly port: number }
    const far = netConnect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const [[near]] = (await Promise.all([once(server, 'connection'), once(far, 'connect')])) as [
      [Socket],
      unknown,
    ]
    far.on('error', () => {})
    near.on('error', () => {})
    try {
      await use(near, far)
    } finally {
      near.destroy()
      far.destroy()
      server.close()
    }
  }

  test('is reset, so that its peer does not take it for an end', () =>
    pair(async (near, far) => {
      const closed = new Promise((resolve) => far.resume().once('close', resolve))
      resetStream(near)
      await closed
      expect(far.errored).toMatchObject({ code: 'ECONNRESET' })
    }))

  test('that is to end soon delivers everything first', () =>
    pair(async (near, far) => {
      near.write(Buffer.alloc(4_000_000))
      endSoon(near)
      let bytes = 0
      for await (const chunk of far) bytes += (chunk as Buffer).length
      expect(bytes).toBe(4_000_000)
      expect(near.destroyed).toBe(true)
    }))
})
