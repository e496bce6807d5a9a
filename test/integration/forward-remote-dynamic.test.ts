// A remote forward without a destination: the far side has a SOCKS and HTTP proxy whose connections begin here.

import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Forward } from '../../src/forward/forward.js'
import { forwardRemote } from '../../src/forward/forward-remote.js'
import type { ConnectionOptions } from '../../src/index.js'
import { failureOf } from '../support/failure.js'
import { hopOf } from '../support/hop.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { type RawServer, startRawServer } from '../support/raw-server.js'
import { freePort, type Sshd, startSshd } from '../support/sshd.js'

let sshd: Sshd
let echo: RawServer
beforeAll(async () => {
  sshd = await startSshd()
  echo = await startRawServer(({ socket }) => socket.pipe(socket))
})
afterAll(async () => {
  await sshd.stop()
  await echo[Symbol.asyncDispose]()
})

const hopTo = (options: ConnectionOptions = {}) => hopOf(connectionTo(sshd, options))

/** Asks the proxy by HTTP CONNECT, says something, ends, and gives all that comes back. */
async function ask(forward: Forward, to: { readonly host: string; readonly port: number }): Promise<string> {
  if (!('port' in forward.address)) throw new Error('a path has no port')
  const socket = connect({ host: '127.0.0.1', port: forward.address.port, allowHalfOpen: true })
  socket.on('error', () => undefined)
  socket.end(`CONNECT ${to.host}:${to.port} HTTP/1.1\r\n\r\nwords`)
  return text(socket)
}

describe('a remote forward without a destination', () => {
  leakCheck()

  test('leads each client to where it asks for, from here', async () => {
    await using hop = await hopTo()
    await using forward = await forwardRemote(hop.acquire, { listen: { port: 0 } })
    const begun = once(forward, 'connection')
    expect(await ask(forward, echo)).toBe('HTTP/1.1 200 Connection Established\r\n\r\nwords')
    expect((await begun)[0]).toMatchObject({ to: { host: echo.host, port: echo.port } })
    // SOCKS 5 without a login, to a name.
    if (!('port' in forward.address)) throw new Error('a path has no port')
    const socket = connect({ host: '127.0.0.1', port: forward.address.port })
    socket.write(Buffer.of(5, 1, 0))
    expect((await once(socket, 'data'))[0]).toEqual(Buffer.of(5, 0))
    const port = await freePort('127.0.0.1')
    socket.write(Buffer.of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255))
    // Connection refused.
    expect((await once(socket, 'data'))[0]).toMatchObject({ 0: 5, 1: 5 })
    socket.destroy()
    await expect.poll(() => forward.counts).toMatchObject({ open: 0, accepted: 2, refused: 1 })
  })

  test.each([
    ['the option permit', {}, (to: string) => ({ permit: [to] })],
    ['a function', {}, (to: string) => ({ permit: (it: object) => `${Object.values(it).join(':')}` === to })],
    ['the setting permitRemoteOpen', { permitRemoteOpen: 'set' }, () => ({})],
  ] as const)('permits what %s permits, and nothing else', async (_, setting, request) => {
    const to = `${echo.host}:${echo.port}`
    await using hop = await hopTo('permitRemoteOpen' in setting ? { permitRemoteOpen: [to] } : {})
    await using forward = await forwardRemote(hop.acquire, { listen: { port: 0 }, ...request(to) })
    const refused = once(forward, 'refused')
    expect(await ask(forward, { host: '127.0.0.1', port: sshd.port })).toMatch(/^HTTP\/1.1 403 /)
    expect((await refused)[0]).toMatchObject({ error: { code: 'DESTINATION_NOT_PERMITTED' } })
    expect(await ask(forward, echo)).toMatch(/200 .*\r\n\r\nwords$/)
  })

  test('turns a client away that asks for nothing in time', async () => {
    await using hop = await hopTo()
    await using forward = await forwardRemote(hop.acquire, {
      listen: { port: 0 },
      handshakeTimeoutMs: 100,
    })
    if (!('port' in forward.address)) throw new Error('a path has no port')
    const refused = once(forward, 'refused')
    const socket = connect({ host: '127.0.0.1', port: forward.address.port })
    expect(await text(socket)).toBe('')
    expect((await refused)[0]).toMatchObject({ error: { code: 'TIMEOUT' } })
  })

  test('is the only one that may permit, and checks its request before anything is opened', async () => {
    const unused = () => Promise.reject(new Error('opened'))
    const listen = { port: 0 }
    const both = forwardRemote(unused, { listen, to: echo, permit: [] })
    expect(await failureOf(both)).toMatchObject({ code: 'INVALID_OPTION' })
    const malformed = forwardRemote(unused, { listen, permit: ['nothing'] })
    expect(await failureOf(malformed)).toMatchObject({ code: 'INVALID_OPTION' })
    for (const wrong of [
      { listen, whenLost: 'never' },
      { listen: { port: -1 } },
      { listen: { path: '' } },
      { listen, too: echo },
      { listen, to: { host: '', port: 1 } },
      { listen, gatewayPorts: 'yes' },
      {},
    ]) {
      await expect(forwardRemote(unused, wrong as never)).rejects.toBeInstanceOf(TypeError)
    }
  })
})
