// The embedded network as a client sees it: who is reached by whom, by what name, and what is left when it closes.

import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createNetwork, type Network, type NetworkDescription } from '../../../src/testing/index.js'
import { findLeaks, takeInventory } from '../../support/leak-check.js'
import { ended, enter, login, openStream, run } from './client.js'

let network: Network
afterEach(() => network?.close())

const description: NetworkDescription = {
  hosts: {
    gatewayhost: { listen: true, reaches: ['inner-gw', 'internalhost:22'] },
    'inner-gw': { reaches: ['*'] },
    internalhost: {
      commands: { uptime: 'up for a while\n' },
      services: { 5432: (stream) => stream.pipe(stream) },
    },
    isolated: {},
  },
}

describe('reaching hosts', () => {
  test('an internal host is reached through its gateway', async () => {
    network = await createNetwork(description)
    const gateway = await enter(network, 'gatewayhost')
    const inner = await login(await openStream(gateway, 'internalhost'), {
      privateKey: network.userKey.privateKey,
    })
    expect(await run(inner, 'hostname')).toMatchObject({ stdout: 'internalhost\n', exitCode: 0 })
    expect(await run(inner, 'uptime')).toMatchObject({ stdout: 'up for a while\n' })
    expect(network.host('internalhost').log[0]).toEqual({
      connection: 1,
      event: 'connected',
      from: 'gatewayhost',
    })
    expect(network.host('gatewayhost').log.at(-1)).toEqual({
      connection: 1,
      event: 'channel',
      address: 'internalhost:22',
      outcome: 'opened',
    })
    inner.end()
    gateway.end()
  })

  test('gateways are chained', async () => {
    network = await createNetwork(description)
    const key = { privateKey: network.userKey.privateKey }
    const first = await enter(network, 'gatewayhost')
    const second = await login(await openStream(first, 'inner-gw'), key)
    const third = await login(await openStream(second, 'isolated'), key)
    expect(await run(third, 'hostname')).toMatchObject({ stdout: 'isolated\n' })
    expect(network.host('isolated').connections).toBe(1)
    first.end()
    await network.host('isolated').logged(({ event }) => event === 'ended')
    expect(network.host('isolated').connections).toBe(0)
  })

  test.each([
    ['a host that is unknown there', 'nowhere', 22, 'Name or service not known'],
    ['a host that the gateway does not reach', 'isolated', 22, 'Name or service not known'],
    ['a port that the gateway does not reach', 'internalhost', 5432, 'Connection refused'],
    ['a port on which nothing listens', 'inner-gw', 80, 'Connection refused'],
  ])('%s is refused as sshd refuses it', async (_what, host, port, text) => {
    network = await createNetwork(description)
    const gateway = await enter(network, 'gatewayhost')
    await expect(openStream(gateway, host, port)).rejects.toMatchObject({
      reason: 2,
      message: expect.stringContaining(text),
    })
    expect(network.host('gatewayhost').log.at(-1)).toMatchObject({
      event: 'channel',
      outcome: text,
      reason: 2,
    })
    gateway.end()
  })

  test('an internal host cannot be dialled from outside', async () => {
    network = await createNetwork(description)
    await expect(network.dialer.dial({ host: 'internalhost', port: 22 })).rejects.toMatchObject({
      code: 'ENOTFOUND',
    })
    await expect(network.dialer.dial({ host: 'gatewayhost', port: 80 })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    expect(() => network.address('internalhost')).toThrow(RangeError)
  })

  test('a listening host has a real port', async () => {
    network = await createNetwork(description)
    const { host, port } = network.address('gatewayhost')
    const client = await login(connect({ host, port }), { privateKey: network.userKey.privateKey })
    expect(await run(client, 'whoami')).toMatchObject({ stdout: 'ops\n' })
    client.end()
  })

  test('a service is reached through a gateway, and half-closes pass through', async () => {
    network = await createNetwork(description)
    const gateway = await enter(network, 'gatewayhost')
    const second = await login(await openStream(gateway, 'inner-gw'), {
      privateKey: network.userKey.privateKey,
    })
    const stream = await openStream(second, 'internalhost', 5432)
    const echoed = new Promise<string>((resolve) => {
      let text = ''
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      stream.on('end', () => resolve(text))
    })
    stream.end('over two gateways')
    expect(await echoed).toBe('over two gateways')
    gateway.end()
  })
})

describe('closing', () => {
  test('leaves no connection, no listener and no file', async () => {
    const before = takeInventory()
    network = await createNetwork(description)
    const gateway = await enter(network, 'gatewayhost')
    const { host, port } = network.address('gatewayhost')
    const socket = connect({ host, port })
    await login(socket, { privateKey: network.userKey.privateKey })
    const gone = Promise.all([ended(gateway), once(socket, 'close')])
    await network.close()
    await gone
    expect(network.host('gatewayhost').connections).toBe(0)
    expect(existsSync(network.files.directory)).toBe(false)
    await expect(network.dialer.dial({ host: 'gatewayhost', port: 22 })).rejects.toThrow('closed')
    expect(await findLeaks(before)).toEqual([])
  })

  test('ends waits for records that will not come', async () => {
    network = await createNetwork(description)
    const waiting = network.host('isolated').logged(() => true)
    const rejected = expect(waiting).rejects.toThrow('closed')
    await network.close()
    await rejected
  })
})

describe('descriptions that cannot be meant', () => {
  test.each<[string, NetworkDescription, string]>([
    ['no host listens', { hosts: { a: {} } }, 'no host of the network listens'],
    [
      'a gateway reaches a host that is not there',
      { hosts: { a: { listen: true, reaches: ['b:22'] } } },
      '"b:22"',
    ],
    ['a name that is none', { hosts: { '-a': { listen: true } } }, '"-a"'],
    [
      'a required method without a secret',
      { hosts: { a: { listen: true, users: { ops: { requires: ['password'] } } } } },
      'ops of a',
    ],
  ])('%s', async (_what, wrong, message) => {
    await expect(createNetwork(wrong)).rejects.toThrow(TypeError)
    await expect(createNetwork(wrong)).rejects.toThrow(message)
  })
})
