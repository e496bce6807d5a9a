// The faults of embedded hosts: each does what its name says, and no more.

import { once } from 'node:events'
import { connect } from 'node:net'
import ssh2 from 'ssh2'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fingerprintOf } from '../../../src/fingerprint.js'
import { createNetwork, type Faults, type Network } from '../../../src/testing/index.js'
import { ended, enter, expectPending, finish, login, openStream, run, start } from './client.js'

let network: Network

beforeEach(async () => {
  network = await createNetwork({
    hosts: { gw: { listen: true, reaches: ['*'] }, healthy: { listen: true }, inner: {} },
  })
})
afterEach(() => network.close())

function fault(faults: Faults): void {
  network.host('gw').fault(faults)
}

async function roundTrip(): Promise<void> {
  const client = await enter(network, 'healthy')
  await run(client, 'true')
  client.end()
}

/** What the host says to a client that says nothing. */
async function greeting(): Promise<{ text: string; ended: boolean }> {
  const stream = await network.dialer.dial({ host: 'gw', port: 22 })
  let text = ''
  let isEnded = false
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  stream.on('end', () => {
    isEnded = true
  })
  await roundTrip()
  stream.destroy()
  return { text, ended: isEnded }
}

test('a refused connection is refused to the dialer, to gateways and on the real port', async () => {
  fault({ connection: 'refuse' })
  await expect(network.dialer.dial({ host: 'gw', port: 22 })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await once(connect(network.address('gw')), 'close')
  network.host('inner').fault({ connection: 'refuse' })
  fault({})
  const gateway = await enter(network, 'gw')
  await expect(openStream(gateway, 'inner')).rejects.toMatchObject({ reason: 2 })
  gateway.end()
})

test('a connection that hangs hangs until it is aborted', async () => {
  fault({ connection: 'hang' })
  const abort = new AbortController()
  const dialling = network.dialer.dial({ host: 'gw', port: 22 }, { signal: abort.signal })
  await expectPending(dialling, roundTrip)
  abort.abort()
  await expect(dialling).rejects.toThrow('aborted')
  await expect(network.dialer.dial({ host: 'gw', port: 22 }, { timeoutMs: 1 })).rejects.toMatchObject({
    code: 'ETIMEDOUT',
  })
})

test.each<[string, Faults['version'], { text: unknown; ended: boolean }]>([
  ['a healthy host says its version', undefined, { text: expect.stringMatching(/^SSH-2\.0-/), ended: false }],
  ['a host without a version says nothing', 'never', { text: '', ended: false }],
  ['a busy host closes before its version', 'close', { text: '', ended: true }],
  [
    'a host of another protocol says what it is told to',
    { send: 'HTTP/1.1 400 Bad Request\r\n', afterwards: 'close' },
    { text: 'HTTP/1.1 400 Bad Request\r\n', ended: true },
  ],
  [
    'a host that stops in its key exchange says no more than a version',
    { send: 'SSH-2.0-x\r\n', afterwards: 'silence' },
    { text: 'SSH-2.0-x\r\n', ended: false },
  ],
])('%s', async (_what, version, expected) => {
  fault(version === undefined ? {} : { version })
  expect(await greeting()).toEqual(expected)
})

test('a changed host key is another than knownHosts has', async () => {
  const offered: string[] = []
  const hostVerifier = (key: Buffer): boolean => {
    offered.push(fingerprintOf(key))
    return true
  }
  for (const faults of [{}, { hostKey: 'changed' }, { hostKey: 'changed' }] as const) {
    fault(faults)
    const client = await enter(network, 'gw', { hostVerifier })
    client.end()
  }
  expect(offered[0]).toBe(network.host('gw').hostKey.fingerprint)
  expect(offered[1]).not.toBe(offered[0])
  expect(offered[2]).toBe(offered[1])
})

test('an authentication that hangs has still seen the offer', async () => {
  fault({ authentication: 'hang' })
  const entering = enter(network, 'gw')
  const rejected = expect(entering).rejects.toThrow()
  await network.host('gw').logged(({ event }) => event === 'authentication')
  await expectPending(entering, roundTrip)
  network.host('gw').disconnect()
  await rejected
})

test('a host that refuses all offers refuses the right key', async () => {
  fault({ authentication: 'refuse' })
  await expect(enter(network, 'gw')).rejects.toThrow('authentication methods failed')
})

test.each<[NonNullable<Faults['forwarding']>, object]>([
  ['prohibited', { reason: 1, message: expect.stringContaining('open failed') }],
  ['refuse', { reason: 2, message: expect.stringContaining('Connection refused') }],
])('forwarding that is set to %s refuses with its reason', async (forwarding, expected) => {
  fault({ forwarding })
  const gateway = await enter(network, 'gw')
  await expect(openStream(gateway, 'inner')).rejects.toMatchObject(expected)
  expect(await run(gateway, 'true')).toMatchObject({ exitCode: 0 })
  expect(network.host('inner').log).toEqual([])
  gateway.end()
})

test('forwarding that hangs leaves the rest of the connection alone', async () => {
  fault({ forwarding: 'hang' })
  const gateway = await enter(network, 'gw')
  const opening = openStream(gateway, 'inner')
  opening.catch(() => {})
  await expectPending(opening, () => run(gateway, 'true'))
  gateway.end()
})

test('forwarding can be opened and closed at once', async () => {
  fault({ forwarding: 'open and close' })
  const gateway = await enter(network, 'gw')
  const channel = await openStream(gateway, 'inner')
  channel.resume()
  await once(channel, 'close')
  gateway.end()
})

test('a refused session is refused as beyond MaxSessions', async () => {
  fault({ session: 'refuse' })
  const client = await enter(network, 'gw')
  await expect(start(client, 'true')).rejects.toMatchObject({ reason: 2 })
  client.end()
})

test.each<Faults>([{ session: 'hang' }, { exec: 'hang' }])(
  'a command that is not answered: %o',
  async (faults) => {
    fault(faults)
    const client = await enter(network, 'gw')
    const starting = start(client, 'true')
    starting.catch(() => {})
    await expectPending(starting, roundTrip)
    client.end()
  },
)

test.each<Faults>([{ session: 'open and close' }, { exec: 'refuse' }])(
  'a command that fails: %o',
  async (faults) => {
    fault(faults)
    const client = await enter(network, 'gw')
    await expect(start(client, 'true')).rejects.toThrow()
    client.end()
  },
)

test('a command without a status closes without one', async () => {
  fault({ exec: 'no status' })
  const client = await enter(network, 'gw')
  expect(await run(client, 'hostname')).toMatchObject({ stdout: 'gw\n', exitCode: undefined })
  client.end()
})

test('a command without a close ends its output and tells its status', async () => {
  fault({ exec: 'no close' })
  const client = await enter(network, 'gw')
  const channel = await start(client, 'false')
  const closed = finish(channel)
  const [[status]] = await Promise.all([once(channel, 'exit'), once(channel, 'end')])
  expect(status).toBe(1)
  fault({})
  await expectPending(closed, () => run(client, 'true'))
  client.end()
})

test('signals can go unheeded', async () => {
  fault({ exec: 'ignore signals' })
  const client = await enter(network, 'gw')
  const channel = await start(client, 'cat')
  const result = finish(channel)
  channel.signal('TERM')
  channel.end('still here')
  expect(await result).toMatchObject({ stdout: 'still here', exitCode: 0 })
  expect(network.host('gw').log).toContainEqual({ connection: 1, event: 'signal', name: 'TERM' })
  client.end()
})

test.each(['forwarded-tcpip', 'x11', 'auth-agent@openssh.com'] as const)(
  'a client that refuses an unasked %s is on record',
  async (unaskedChannel) => {
    fault({ unaskedChannel })
    const client = await enter(network, 'gw')
    const record = await network.host('gw').logged(({ event }) => event === 'unasked channel')
    expect(record).toEqual({
      connection: 1,
      event: 'unasked channel',
      kind: unaskedChannel,
      outcome: 'refused',
    })
    client.end()
  },
)

test('a client that takes an unasked channel is on record', async () => {
  fault({ unaskedChannel: 'x11' })
  const client = new ssh2.Client()
  // As if it had asked for X11 forwarding.
  client.once('ready', () => Object.assign(client, { _acceptX11: 1 }))
  client.on('x11', (_details, accept) => accept())
  client.connect({
    sock: await network.dialer.dial({ host: 'gw', port: 22 }),
    username: 'ops',
    privateKey: network.userKey.privateKey,
  })
  const record = await network.host('gw').logged(({ event }) => event === 'unasked channel')
  expect(record).toMatchObject({ outcome: 'opened' })
  client.end()
})

test.each([0, 1, 30, 500])(
  'a line that is cut after %i bytes carries exactly these',
  async (cutAfterBytes) => {
    fault({ cutAfterBytes })
    for (const stream of [
      await network.dialer.dial({ host: 'gw', port: 22 }),
      connect(network.address('gw')),
    ]) {
      let received = 0
      stream.on('data', (chunk: Buffer) => {
        received += chunk.length
      })
      const entering = expect(login(stream, { privateKey: network.userKey.privateKey })).rejects.toThrow()
      await once(stream, 'close')
      await entering
      expect(received).toBe(cutAfterBytes)
    }
  },
)

test('a slow line is as slow as it is told to be', async () => {
  const client = await enter(network, 'gw')
  fault({ bytesPerSecond: 100_000 })
  const began = performance.now()
  const { stdout } = await run(client, `echo ${'x'.repeat(20_000)}`)
  expect(stdout.length).toBe(20_001)
  expect(performance.now() - began).toBeGreaterThan(150)
  client.end()
})

test('a silent host keeps its connections open, and goes on when it is healed', async () => {
  const client = await enter(network, 'gw')
  fault({ silent: true })
  const answer = run(client, 'hostname')
  await expectPending(answer, roundTrip)
  expect(network.host('gw').connections).toBe(1)
  fault({})
  expect(await answer).toMatchObject({ stdout: 'gw\n', exitCode: 0 })
  client.end()
})

test('a silent host still sees that its client has gone', async () => {
  const gateway = await enter(network, 'gw')
  network.host('inner').fault({ silent: true })
  const channel = await openStream(gateway, 'inner')
  await network.host('inner').logged(({ event }) => event === 'connected')
  channel.close()
  await network.host('inner').logged(({ event }) => event === 'ended')
  expect(await run(gateway, 'true')).toMatchObject({ exitCode: 0 })
  gateway.end()
})

test('disconnecting drops what is open and takes new connections', async () => {
  const client = await enter(network, 'gw')
  const end = ended(client)
  network.host('gw').disconnect()
  await end
  const again = await enter(network, 'gw')
  again.end()
})

test.each([
  ['noise', 'not ssh at all\n'.repeat(100)],
  ['a version and noise', `SSH-2.0-x\r\n${'\u0000\u00ff'.repeat(1000)}`],
  ['a packet of four GiB', 'SSH-2.0-x\r\n\u00ff\u00ff\u00ff\u00ff\u0000'],
])('a client that sends %s does not disturb the others', async (_what, bytes) => {
  const socket = connect(network.address('gw'))
  socket.on('error', () => {})
  socket.resume()
  const closed = once(socket, 'close')
  socket.end(Buffer.from(bytes, 'latin1'))
  await closed
  const client = await enter(network, 'gw')
  expect(await run(client, 'true')).toMatchObject({ exitCode: 0 })
  client.end()
})
