import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { leakCheck } from '../../support/leak-check.js'
import { type RawServer, startRawServer } from '../../support/raw-server.js'
import { startTcpFault, type TcpFault } from '../../support/tcp-fault.js'

leakCheck()

const text = 'the quick brown fox jumps over the lazy dog'

/** Sends what it is told and ends when the client has. */
function talker(): Promise<RawServer> {
  return startRawServer((peer) => {
    peer.send(text)
    peer.socket.on('end', () => peer.socket.end())
  })
}

async function open(proxy: TcpFault, options: { readonly allowHalfOpen?: boolean } = {}): Promise<Socket> {
  const socket = connect({ port: proxy.port, host: proxy.host, ...options })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** All that came, and how the connection ended. */
async function readAll(
  socket: Socket,
): Promise<{ readonly bytes: string; readonly error: string | undefined }> {
  const chunks: Buffer[] = []
  let error: string | undefined
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', (reason: NodeJS.ErrnoException) => {
    error = reason.code
  })
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
  return { bytes: Buffer.concat(chunks).toString(), error }
}

it('without a fault everything passes, in both directions', async () => {
  await using server = await talker()
  await using proxy = await startTcpFault(server)
  const socket = await open(proxy)
  expect(proxy.live).toBe(1)
  socket.end('hello')
  expect(await readAll(socket)).toEqual({ bytes: text, error: undefined })
  expect(server.peers[0]?.received().toString()).toBe('hello')
  expect(proxy.accepted).toBe(1)
})

it('cut, reset and end strike at their byte', async () => {
  await using server = await talker()
  await using proxy = await startTcpFault(server, { toClient: { after: 9, fate: 'cut' } })
  expect(await readAll(await open(proxy))).toEqual({ bytes: text.slice(0, 9), error: undefined })
  proxy.faults = { toClient: { after: 9, fate: 'reset' } }
  expect((await readAll(await open(proxy))).error).toBe('ECONNRESET')
  proxy.faults = { toClient: { after: 9, fate: 'end' } }
  const half = await open(proxy, { allowHalfOpen: true })
  const ended = readAll(half)
  half.on('end', () => half.end('still heard'))
  expect((await ended).bytes).toBe(text.slice(0, 9))
  expect(String(await server.peers[2]?.waitFor('still heard'))).toBe('still heard')
})

it('a flipped bit changes that byte alone, whatever the pieces', async () => {
  await using server = await talker()
  await using proxy = await startTcpFault(server, { toClient: { flipBitAt: 4, fragment: true } })
  const socket = await open(proxy)
  socket.end()
  expect((await readAll(socket)).bytes).toBe(text.replace('quick', 'puick'))
})

it('refused, hanging and reset connections are what they say', async () => {
  await using server = await talker()
  await using proxy = await startTcpFault(server, { accept: 'reset' })
  await expect(open(proxy).then(readAll)).rejects.toMatchObject({ code: 'ECONNRESET' })
  await proxy.refuse()
  await expect(open(proxy)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await proxy.listen()
  proxy.faults = { accept: 'hang' }
  const hanging = await open(proxy)
  expect(server.peers).toHaveLength(0)
  hanging.destroy()
})

it('a blackhole holds everything back until it is healed', async () => {
  await using server = await talker()
  await using proxy = await startTcpFault(server)
  proxy.blackhole()
  const socket = await open(proxy)
  socket.end()
  const all = readAll(socket)
  const first = await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 100, 'silence'))])
  expect(first).toBe('silence')
  proxy.heal()
  expect((await all).bytes).toBe(text)
})

it('delay and throttle take their time', async () => {
  await using server = await talker()
  await using proxy = await startTcpFault(server, {
    toClient: { delayMs: 60, bytesPerSecond: text.length * 10 },
  })
  const began = performance.now()
  const socket = await open(proxy)
  socket.end()
  expect((await readAll(socket)).bytes).toBe(text)
  expect(performance.now() - began).toBeGreaterThan(150)
})

it('disposing it ends open connections', async () => {
  await using server = await talker()
  const proxy = await startTcpFault(server)
  const end = readAll(await open(proxy))
  await proxy[Symbol.asyncDispose]()
  await end
  expect(proxy.live).toBe(0)
})
