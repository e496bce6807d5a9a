import { EventEmitter, once } from 'node:events'
import { connect } from 'node:net'
import { Duplex, PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Dialer } from '../../../src/dialer.js'
import { ConnectError, SallyportError } from '../../../src/errors.js'
import { openDialer } from '../../../src/transport/dialer.js'
import { leakCheck } from '../../support/leak-check.js'
import { startRawServer } from '../../support/raw-server.js'
import { hop, rejection } from './hop.js'

leakCheck()

const address = { host: 'db.internal', port: 5432 }
const never = new AbortController().signal
const open = (dial: (...args: Parameters<Dialer['dial']>) => unknown, signal = never) =>
  openDialer({ dialer: { dial } as Dialer, address, hop, signal })

describe('openDialer', () => {
  it('passes the address and the signal on, and gives the stream that it got', async () => {
    const stream = new PassThrough()
    const calls: unknown[] = []
    const link = await open((...args) => {
      calls.push(...args)
      return Promise.resolve(stream)
    })
    expect(calls).toEqual([address, { signal: never }])
    expect(link.stream).toBe(stream)
    await link.close()
    expect(stream.closed).toBe(true)
  })

  it('passes ref and unref on to a socket', async () => {
    await using server = await startRawServer('')
    const { host, port } = server
    const link = await open(async () => {
      const socket = connect({ host, port })
      await once(socket, 'connect')
      return socket
    })
    const count = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const before = count()
    link.unref()
    expect(count()).toBe(before - 1)
    link.ref()
    expect(count()).toBe(before)
    await link.close()
  })

  it.each([
    ['nothing', undefined],
    ['a string', 'socket'],
    ['a stream that can only be read', Readable.from(['x'])],
    ['a stream that was destroyed', new PassThrough().destroy()],
    ['a stream that was ended', new PassThrough().end()],
  ])('refuses a dialer that gives %s', async (_, given) => {
    const error = await rejection(open(() => Promise.resolve(given)))
    expect(error).toMatchObject({ name: 'ConnectError', code: 'DIALER_FAILED', hop, phase: 'dial' })
  })

  it('destroys a stream that it refuses', async () => {
    const given = new PassThrough().end()
    await rejection(open(() => Promise.resolve(given)))
    expect(given.destroyed).toBe(true)
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('proxy says no'))],
    [
      'throws',
      () => {
        throw new Error('proxy says no')
      },
    ],
  ])('names a dialer that %s', async (_, dial) => {
    expect(await rejection(open(dial))).toMatchObject({
      code: 'DIALER_FAILED',
      message: 'inner (hop 2 of 2): the dialer failed: proxy says no',
      cause: { message: 'proxy says no' },
    })
  })

  it('lets errors of ours that have their hop pass as they are, and gives the hop to the others', async () => {
    const lost = new ConnectError('CONNECTION_LOST', 'the tunnel broke', { hop, phase: 'session' })
    expect(await rejection(open(() => Promise.reject(lost)))).toBe(lost)
    const hopless = new SallyportError('GATEWAYS_FAILED', 'none of 2 gateways led to it', {
      hint: 'look',
      cause: 'why',
    })
    expect(await rejection(open(() => Promise.reject(hopless)))).toMatchObject({
      code: 'GATEWAYS_FAILED',
      message: 'inner (hop 2 of 2): none of 2 gateways led to it',
      hop,
      phase: 'dial',
      hint: 'look',
      cause: 'why',
    })
  })

  it('abandons a dialer that ignores the signal, and destroys what it gives later', async () => {
    const abort = new AbortController()
    const late = new EventEmitter()
    const opened = rejection(open(() => once(late, 'dialled').then(([given]) => given), abort.signal))
    abort.abort('enough')
    expect(await opened).toMatchObject({ name: 'AbortError', hop, phase: 'dial', cause: 'enough' })
    const stream = new PassThrough()
    late.emit('dialled', stream)
    await once(stream, 'close')
  })

  it('takes no notice of a dialer that fails after the abort', async () => {
    const abort = new AbortController()
    const late = new EventEmitter()
    const opened = rejection(open(() => once(late, 'dialled').then(([given]) => given), abort.signal))
    abort.abort()
    expect(await opened).toMatchObject({ code: 'ABORT_ERR' })
    late.emit('error', new Error('too late'))
  })

  it('does not ask the dialer when it is aborted before', async () => {
    let asked = false
    const error = await rejection(
      open(() => {
        asked = true
      }, AbortSignal.abort()),
    )
    expect(error).toMatchObject({ code: 'ABORT_ERR' })
    expect(asked).toBe(false)
  })

  it('survives a late error of the stream', async () => {
    const stream = new PassThrough()
    const link = await open(() => Promise.resolve(stream))
    stream.destroy(new Error('late'))
    await link.close()
    expect(stream.errored).toMatchObject({ message: 'late' })
  })

  it('does not wait for ever for a stream that never says that it has closed', async () => {
    const stream = new Duplex({ read() {}, write() {}, emitClose: false })
    const link = await open(() => Promise.resolve(stream))
    await link.close()
    expect(stream.destroyed).toBe(true)
  })
})
