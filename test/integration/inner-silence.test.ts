// The opening of the way to the inner host is not answered, or much too late.

import { describe, expect, test, vi } from 'vitest'
import { Connection } from '../../src/index.js'
import { createNetwork, type Network } from '../../src/testing/index.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { createNetns } from '../support/netns.js'
import { startScriptedGateway } from '../support/scripted-gateway.js'
import { startSshd } from '../support/sshd.js'

const limit = { connectTimeoutMs: 300 }

const embedded = (): Promise<Network> =>
  createNetwork({ hosts: { gate: { listen: true, reaches: ['*'] }, inner: {} } })

const gateOf = ({ settings, dialer }: Network): Connection =>
  new Connection('gate', { ...settings, gateway: dialer })

/** Opens `target` in vain; how long that took. */
async function failing(target: Connection, error: object): Promise<number> {
  const begun = performance.now()
  await expect(target.open()).rejects.toMatchObject(error)
  return performance.now() - begun
}

describe('an inner host that swallows packets', () => {
  leakCheck()

  test('is given up in time, and the channel that its gateway opens in the end is closed at once', async () => {
    await using outer = await createNetns()
    await using netns = await createNetns({ uplink: outer })
    await using inner = await startSshd({ name: 'inner', netns })
    await using sshd = await startSshd({ name: 'gateway', netns: outer })
    await using gateway = await connectionTo(sshd).open()
    await netns.blackholeRoute()
    await using target = connectionTo(inner, { gateway, ...limit })
    const took = await failing(target, {
      code: 'TIMEOUT',
      phase: 'channel',
      hop: { index: 1, host: inner.host, via: sshd.host },
    })
    expect(took).toBeGreaterThan(295)
    expect(took).toBeLessThan(3000)
    expect(await gateway.run('echo alive')).toMatchObject({ stdout: 'alive\n' })

    // The kernel of the gateway asks once more within a few seconds, and sshd confirms the channel.
    await netns.restoreRoute()
    await sshd.log.waitFor(/channel \d+: free: direct-tcpip/, { timeoutMs: 15_000 })
    await inner.log.waitFor(/^Connection (closed|reset) by/)
    expect(inner.connections()).toHaveLength(0)
    expect(await gateway.run('echo alive')).toMatchObject({ stdout: 'alive\n' })
    expect(await target.run('echo there now')).toMatchObject({ stdout: 'there now\n' })
    expect(sshd.connections()).toHaveLength(1)
  })
})

describe('a gateway that does not answer to the opening of a channel', () => {
  leakCheck()

  test('is given up in time, and lives on', async () => {
    await using network = await embedded()
    await using gateway = await gateOf(network).open()
    network.host('gate').fault({ forwarding: 'hang' })
    await using target = new Connection('inner', { ...network.settings, gateway, ...limit })
    const took = await failing(target, {
      code: 'TIMEOUT',
      phase: 'channel',
      hop: { index: 1, host: 'inner', via: 'gate' },
    })
    expect(took).toBeGreaterThan(295)
    network.host('gate').fault({})
    expect(await target.run('hostname')).toMatchObject({ stdout: 'inner\n' })
    expect(network.host('gate').connections).toBe(1)
  })

  test('but late finds it closed at once, with the bytes that came along', async () => {
    await using scripted = await startScriptedGateway(() => undefined)
    await using gateway = await scripted.connection().open()
    await using target = new Connection('inner', { user: 'nobody', identityAgent: 'none', gateway, ...limit })
    await failing(target, { code: 'TIMEOUT', hop: { index: 1 } })
    const [request] = scripted.requests
    expect(scripted.closed).toEqual([])
    request?.say.atOnce(() => {
      request.say.confirm(request.id)
      request.say.data(request.id, 'SSH-2.0-late\r\n')
    })
    await vi.waitFor(() => expect(scripted.closed).toEqual([request?.id]), { timeout: 5000 })
    expect(gateway.state).toBe('open')
  })

  test('and then goes away fails everybody at once, with itself as the hop', async () => {
    await using network = await embedded()
    await using gateway = await gateOf(network).open()
    network.host('gate').fault({ forwarding: 'hang' })
    const targets = [1, 2, 3].map(() => new Connection('inner', { ...network.settings, gateway }))
    const opening = Promise.allSettled(targets.map((target) => target.open()))
    const isAsked = () => network.host('gate').log.filter(({ event }) => event === 'channel')
    await vi.waitFor(() => expect(isAsked()).toHaveLength(3), { timeout: 5000 })
    network.host('gate').disconnect()
    const reason = { code: 'CONNECTION_LOST', hop: { index: 0, host: 'gate' } }
    expect(await opening).toMatchObject(Array(3).fill({ status: 'rejected', reason }))
    expect(gateway.state).toBe('lost')
  })
})
