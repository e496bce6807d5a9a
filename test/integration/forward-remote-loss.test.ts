// A remote forward whose connection is lost: it listens again by itself, unless nothing but somebody's doing can help.

import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SallyportError } from '../../src/errors.js'
import type { Forward } from '../../src/forward/forward.js'
import { forwardRemote } from '../../src/forward/forward-remote.js'
import { hopOf } from '../support/hop.js'
import { keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { type RawServer, startRawServer } from '../support/raw-server.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let echo: RawServer
beforeAll(async () => {
  echo = await startRawServer(({ socket }) => socket.pipe(socket))
})
afterAll(() => echo[Symbol.asyncDispose]())

async function say(forward: Forward, words: string): Promise<string> {
  const socket = connect({ port: portOf(forward), host: '127.0.0.1', allowHalfOpen: true })
  socket.end(words)
  return text(socket)
}

function portOf({ address }: Forward): number {
  return 'port' in address ? address.port : 0
}

/** The codes of the losses that are told, as they come. */
function lossesOf(forward: Forward): readonly string[] {
  const codes: string[] = []
  forward.on('lost', ({ code }: SallyportError) => codes.push(code))
  return codes
}

/** The same server, in another process. */
const again = (server: Sshd, options: Parameters<typeof startSshd>[0] = {}): Promise<Sshd> =>
  startSshd({
    host: server.host,
    port: server.port,
    hostKeys: server.hostKeys,
    userKey: server.userKey,
    ...options,
  })

describe('a remote forward whose connection is lost', () => {
  leakCheck()

  test('ends what is under way, and listens again on the port that the server chose', async () => {
    await using sshd = await startSshd()
    await using hop = await hopOf(connectionTo(sshd))
    await using forward = await forwardRemote(hop.acquire, { listen: { port: 0 }, to: echo })
    const losses = lossesOf(forward)
    const address = forward.address
    const client = connect({ port: portOf(forward), host: '127.0.0.1' })
    client.on('error', () => undefined)
    await once(forward, 'connection')
    const over = once(forward, 'connectionClosed')
    const back = once(forward, 'listening')
    sshd.killSessions()
    expect((await over)[0]).toMatchObject({ id: 1, error: { code: 'CONNECTION_LOST' } })
    expect(await back).toEqual([[address]])
    expect(losses).toEqual(['CONNECTION_LOST'])
    expect(forward.address).toEqual(address)
    expect(await say(forward, 'there again')).toBe('there again')
    expect(sshd.connections()).toHaveLength(2)
    client.destroy()
  })

  test('tells each attempt that fails, and goes on', async () => {
    const sshd = await startSshd()
    await using hop = await hopOf(connectionTo(sshd))
    await using forward = await forwardRemote(hop.acquire, { listen: { port: 0 }, to: echo })
    const losses = lossesOf(forward)
    const attempts: Promise<unknown> = once(forward, 'lost').then(() => once(forward, 'lost'))
    await sshd.stop()
    await attempts
    expect(losses).toEqual(['CONNECTION_LOST', 'CONNECTION_REFUSED'])
    const back = once(forward, 'listening')
    await using _next = await again(sshd)
    await back
    expect(await say(forward, 'at last')).toBe('at last')
  })

  test('ends where the login is refused from then on, and says why before', async () => {
    const sshd = await startSshd()
    await using hop = await hopOf(connectionTo(sshd))
    const forward = await forwardRemote(hop.acquire, { listen: { port: 0 }, to: echo })
    const losses = lossesOf(forward)
    await sshd.stop()
    await using _next = await again(sshd, { userKey: await keyPair('another') })
    await forward.closed
    expect(losses).toEqual(['CONNECTION_LOST', 'AUTH_FAILED'])
  })

  test("closes where that is wanted: whenLost 'close'", async () => {
    await using sshd = await startSshd()
    await using hop = await hopOf(connectionTo(sshd))
    const request = { listen: { port: 0 }, to: echo, whenLost: 'close' } as const
    const forward = await forwardRemote(hop.acquire, request)
    const losses = lossesOf(forward)
    sshd.killSessions()
    await forward.closed
    expect(losses).toEqual(['CONNECTION_LOST'])
    expect(sshd.connections()).toHaveLength(1)
  })

  test('is closed at once while it waits to try again, and stays closed', async () => {
    await using sshd = await startSshd()
    await using hop = await hopOf(connectionTo(sshd))
    const forward = await forwardRemote(hop.acquire, { listen: { port: 0 }, to: echo })
    const lost = once(forward, 'lost')
    sshd.killSessions()
    await lost
    const startedAt = performance.now()
    await forward.close()
    expect(performance.now() - startedAt).toBeLessThan(500)
    expect(sshd.connections()).toHaveLength(1)
  })

  test('ends with a connection that the program closes', async () => {
    await using sshd = await startSshd()
    const hop = await hopOf(connectionTo(sshd))
    const forward = await forwardRemote(hop.acquire, { listen: { port: 0 }, to: echo })
    await hop.close()
    await forward.closed
    expect(sshd.connections()).toHaveLength(1)
  })
})
