// What comes after the gateway has said that the way is open: an end, garbage, no room, or everything at once.

import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { Connection } from '../../src/index.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo, optionsFor } from '../support/link-up.js'
import { type RawPeer, startRawServer } from '../support/raw-server.js'
import { type ChannelRequest, startScriptedGateway } from '../support/scripted-gateway.js'
import { startSshd } from '../support/sshd.js'

describe('an inner host behind a real gateway', () => {
  leakCheck()

  test.each<[string, (peer: RawPeer) => unknown, object]>([
    [
      'closes at once',
      ({ socket }) => socket.end(),
      { code: 'SERVER_BUSY', phase: 'version', retryable: true },
    ],
    [
      // Before or after the gateway has noticed that it was connected.
      'resets at once',
      ({ socket }) => socket.resetAndDestroy(),
      {
        code: expect.stringMatching(/^(?:SERVER_BUSY|CONNECTION_FAILED)$/),
        phase: expect.stringMatching(/^(?:version|channel)$/),
      },
    ],
    [
      'sends garbage and closes',
      ({ socket }) => socket.end('\x00\x01\xff\x1b[2J garbage\n'),
      { code: 'NOT_SSH', phase: 'version', message: expect.not.stringContaining('\x1b') },
    ],
    ['sends garbage without end', (peer) => flood(peer), { code: 'NOT_SSH', phase: 'version' }],
    [
      'closes after its version',
      ({ socket }) => socket.end('SSH-2.0-short\r\n'),
      { code: 'CONNECTION_LOST', phase: 'key-exchange' },
    ],
    [
      'sends garbage after its version',
      (peer) => peer.send(`SSH-2.0-mad\r\n${'\x7f'.repeat(64)}`),
      { code: 'PROTOCOL_ERROR', phase: 'key-exchange' },
    ],
    ['says nothing', () => undefined, { code: 'TIMEOUT', phase: 'version' }],
  ])('that %s is blamed, and the gateway lives on', async (_, script, error) => {
    await using sshd = await startSshd({ name: 'gateway' })
    await using raw = await startRawServer(script)
    await using gateway = await connectionTo(sshd).open()
    await using target = new Connection(raw.host, {
      ...optionsFor(sshd),
      port: raw.port,
      gateway,
      connectTimeoutMs: 500,
    })
    await expect(target.open()).rejects.toMatchObject({
      ...error,
      hop: { index: 1, host: raw.host, port: raw.port, via: sshd.host },
    })
    expect(await gateway.run('echo alive')).toMatchObject({ stdout: 'alive\n' })
    await sshd.log.waitFor(/channel \d+: free: direct-tcpip/)
    await vi.waitFor(() => expect(raw.live()).toBe(0), { timeout: 5000 })
  })
})

/** Lines without end, for as long as somebody reads. */
function flood({ socket }: RawPeer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(`${'x'.repeat(1000)}\n`));
  }
  socket.on('drain', more)
  more()
}

describe('a gateway that opens the channel', () => {
  leakCheck()

  test.each<[string, (request: ChannelRequest) => void]>([
    ['and closes it in the same packet', ({ id, say }) => say.atOnce(() => [say.confirm(id), say.close(id)])],
    ['and ends it in the same packet', ({ id, say }) => say.atOnce(() => [say.confirm(id), say.eof(id)])],
  ])('%s has not led to a server', async (_, script) => {
    await using scripted = await startScriptedGateway(script)
    await using gateway = await scripted.connection().open()
    await using target = new Connection('inner', { identityAgent: 'none', gateway, connectTimeoutMs: 5000 })
    const begun = performance.now()
    await expect(target.open()).rejects.toMatchObject({
      code: 'SERVER_BUSY',
      phase: 'version',
      hop: { index: 1, host: 'inner' },
    })
    expect(performance.now() - begun).toBeLessThan(2000)
    await vi.waitFor(() => expect(scripted.closed).toEqual([0]), { timeout: 5000 })
    expect(gateway.state).toBe('open')
  })

  test.each([
    ['says nothing', '', 'version'],
    ['says its version', 'SSH-2.0-narrow\r\n', 'key-exchange'],
  ])('without room for a byte is given up in time, when the host %s', async (_, version, phase) => {
    await using scripted = await startScriptedGateway(({ id, say }) => {
      say.confirm(id, 0)
      say.data(id, version)
    })
    await using gateway = await scripted.connection().open()
    await using target = new Connection('inner', { identityAgent: 'none', gateway, connectTimeoutMs: 300 })
    const begun = performance.now()
    await expect(target.open()).rejects.toMatchObject({
      code: 'TIMEOUT',
      phase,
      hop: { index: 1, host: 'inner' },
    })
    expect(performance.now() - begun).toBeGreaterThan(295)
    expect(performance.now() - begun).toBeLessThan(3000)
    await vi.waitFor(() => expect(scripted.closed).toEqual([0]), { timeout: 5000 })
    expect(gateway.state).toBe('open')
  })

  test.each<[string, (request: ChannelRequest) => void]>([
    ['that nobody asked for', ({ id, say }) => say.confirm(id + 7)],
    ['twice', ({ id, say }) => say.atOnce(() => [say.confirm(id), say.confirm(id)])],
  ])('%s breaks the protocol', async (_, script) => {
    await using scripted = await startScriptedGateway(script)
    await using gateway = await scripted.connection().open()
    await using target = new Connection('inner', { identityAgent: 'none', gateway, connectTimeoutMs: 5000 })
    const begun = performance.now()
    await expect(target.open()).rejects.toMatchObject({
      code: 'PROTOCOL_ERROR',
      hop: { index: 0, host: scripted.host },
    })
    expect(performance.now() - begun).toBeLessThan(2000)
    expect(gateway.state).toBe('lost')
  })
})

describe('the first words of an inner host, in the same packet as the confirmation,', () => {
  leakCheck()

  test('reach whoever dialled, a thousand times of a thousand', async () => {
    await using scripted = await startScriptedGateway(({ id, say }) =>
      say.atOnce(() => {
        say.confirm(id)
        say.data(id, `SSH-2.0-inner-${id}\r\n`)
      }),
    )
    await using gateway = await scripted.connection().open()
    for (let round = 0; round < 1000; round++) {
      const stream = await gateway.dial({ host: 'inner', port: 22 })
      // Long after the confirmation, as far as ssh2 is concerned.
      if (round % 2 === 0) await new Promise(setImmediate)
      const [first] = await once(stream, 'data')
      expect(String(first)).toBe(`SSH-2.0-inner-${scripted.requests.at(-1)?.id}\r\n`)
      stream.destroy()
    }
    expect(scripted.requests).toHaveLength(1000)
    await vi.waitFor(() => expect(scripted.closed).toHaveLength(1000), { timeout: 5000 })
  })

  test('begin a handshake that succeeds, each time', async () => {
    await using inner = await startSshd({ name: 'inner' })
    await using scripted = await startScriptedGateway(({ id, host, port, say }) => {
      const socket = connect({ host, port })
      socket.on('error', () => undefined)
      socket.once('data', (version: Buffer) => {
        say.onData(id, (bytes) => socket.write(bytes))
        say.atOnce(() => {
          say.confirm(id)
          say.data(id, version)
        })
        socket.on('data', (bytes: Buffer) => say.data(id, bytes))
        socket.on('end', () => say.close(id))
      })
      say.onClose(id, () => socket.destroy())
    })
    await using gateway = await scripted.connection().open()
    for (let round = 0; round < 20; round++) {
      await using target = connectionTo(inner, { gateway })
      await target.open()
    }
    expect(inner.connections()).toHaveLength(20)
  })
})
