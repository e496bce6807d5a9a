// A client's first words on real streams: what is read of them, what is left, and what ends them.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { SallyportError } from '../../../../src/errors.js'
import { negotiate } from '../../../../src/forward/proxy/negotiate.js'
import { leakCheck } from '../../../support/leak-check.js'

const request = Buffer.of(5, 1, 0, 5, 1, 0, 3, 1, 0x68, 0, 80)
const terms = { login: undefined, handshakeTimeoutMs: 5000, signal: new AbortController().signal }

const server = createServer({ allowHalfOpen: true })
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  server.close()
  await once(server, 'close')
})

/** Two ends of one connection. */
async function pair(): Promise<{ readonly client: Socket; readonly here: Socket }> {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const client = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true })
  const [here] = (await once(server, 'connection')) as [Socket]
  for (const socket of [client, here]) socket.on('error', () => {})
  return { client, here }
}

describe('a client', () => {
  leakCheck()
  let client: Socket
  let here: Socket
  beforeEach(async () => {
    const sockets = await pair()
    client = sockets.client
    here = sockets.here
  })
  afterEach(() => {
    client.destroy()
    here.destroy()
  })

  test('that says all at once, its end included, loses nothing of it', async () => {
    client.end(Buffer.concat([request, Buffer.from('and more')]))
    const { to, accept } = await negotiate(here, terms)
    expect(to).toEqual({ host: 'h', port: 80 })
    // Whoever is next comes later.
    await new Promise(setImmediate)
    accept()
    here.end()
    expect(String(await buffer(here))).toBe('and more')
    expect(await buffer(client)).toEqual(Buffer.of(5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0))
  })

  test('that ends right after its request is not taken for gone', async () => {
    client.end(request)
    const { accept } = await negotiate(here, terms)
    await new Promise(setImmediate)
    expect(here.readableEnded).toBe(false)
    const ended = once(here, 'end')
    accept()
    here.resume()
    await ended
    here.end()
    expect((await buffer(client)).length).toBe(12)
  })

  test('that speaks before it is answered is not read any further', async () => {
    client.write(request)
    const { accept } = await negotiate(here, terms)
    for (let count = 0; count < 64; count++) client.write(Buffer.alloc(65_536, count))
    client.end()
    await vi.waitFor(() => expect(here.readableLength).toBeGreaterThan(0))
    const before = here.bytesRead
    await new Promise(setImmediate)
    expect(here.readableLength).toBeLessThanOrEqual(before)
    expect(here.bytesRead).toBeLessThan(1_048_576)
    accept()
    here.end()
    client.resume()
    expect((await buffer(here)).length).toBe(64 * 65_536)
  })

  test('that comes byte by byte, each answered in time, is served', async () => {
    client.setNoDelay(true)
    const negotiating = negotiate(here, terms)
    for (const byte of request.subarray(0, 3)) client.write(Buffer.of(byte))
    expect((await once(client, 'data'))[0]).toEqual(Buffer.of(5, 0))
    for (const byte of request.subarray(3)) client.write(Buffer.of(byte))
    const { refuse } = await negotiating
    refuse(new SallyportError('DESTINATION_NOT_PERMITTED', 'no'))
    expect(await buffer(client)).toEqual(Buffer.of(5, 2, 0, 1, 0, 0, 0, 0, 0, 0))
  })

  test('that dawdles is ended, however busy it looks', async () => {
    const dawdling = setInterval(() => client.write('A'), 20)
    const negotiating = negotiate(here, { ...terms, handshakeTimeoutMs: 200 })
    await expect(negotiating).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'the client of the proxy sent no complete request within 200 ms',
    })
    clearInterval(dawdling)
    expect(await buffer(client)).toEqual(Buffer.alloc(0))
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['half a request', request.subarray(0, 7)],
  ])('that ends after %s gets no stream', async (_, sent) => {
    client.end(sent)
    await expect(negotiate(here, terms)).rejects.toMatchObject({
      code: 'PROXY_CLIENT_REFUSED',
      message: 'the client of the proxy left before its request was complete',
    })
  })

  test('that resets the connection is given up', async () => {
    const negotiating = negotiate(here, terms)
    client.resetAndDestroy()
    await expect(negotiating).rejects.toMatchObject({ code: 'PROXY_CLIENT_REFUSED' })
  })

  test('that was gone before is given up', async () => {
    here.destroy()
    await once(here, 'close')
    await expect(negotiate(here, terms)).rejects.toMatchObject({ code: 'PROXY_CLIENT_REFUSED' })
  })

  test('of a forward that is closed is left to whoever closes it', async () => {
    const ending = new AbortController()
    const negotiating = negotiate(here, { ...terms, signal: ending.signal })
    ending.abort(new Error('closed'))
    await expect(negotiating).rejects.toThrow('closed')
    expect(here.writableEnded).toBe(false)
    await expect(negotiate(here, { ...terms, signal: ending.signal })).rejects.toThrow('closed')
  })

  test('that is no client of a proxy hears the end, and what it said is in no error', async () => {
    client.write('\x16\x03\x01 secret')
    const error = await negotiate(here, terms).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'PROXY_CLIENT_REFUSED',
      message: 'the client of the proxy speaks neither SOCKS nor HTTP',
    })
    expect(JSON.stringify(error)).not.toContain('secret')
    expect((await buffer(client)).length).toBe(0)
  })

  test('leaves no listener on the stream', async () => {
    const before = here.eventNames().map((name) => [name, here.listenerCount(name)])
    client.write(request)
    await negotiate(here, terms)
    expect(here.eventNames().map((name) => [name, here.listenerCount(name)])).toEqual(before)
  })
})
