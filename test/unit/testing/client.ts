// A plain ssh2 client for the tests of the embedded network, which must not be proved by the library's own client.

import type { Duplex } from 'node:stream'
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2'
import { expect } from 'vitest'
import type { Network } from '../../../src/testing/index.js'

/** Logs in on `stream`; rejects with ssh2's error. */
export function login(stream: Duplex, config: ConnectConfig): Promise<Client> {
  const client = new ssh2.Client()
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client))
    client.on('error', reject)
    client.once('close', () => reject(new Error('closed before it was ready')))
    client.connect({ sock: stream, username: 'ops', hostVerifier: () => true, ...config })
  })
}

/** Logs in to a listening host with the network's key, by its dialer. */
export async function enter(network: Network, host: string, config: ConnectConfig = {}): Promise<Client> {
  const stream = await network.dialer.dial({ host, port: 22 })
  return login(stream, { privateKey: network.userKey.privateKey, ...config })
}

export function openStream(client: Client, host: string, port = 22): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, host, port, (error, channel) =>
      error ? reject(error) : resolve(channel),
    )
  })
}

export function start(client: Client, command: string, options = {}): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, options, (error, channel) => (error ? reject(error) : resolve(channel)))
  })
}

export interface Ran {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: unknown
  readonly signal: unknown
}

/** Collects everything until the channel closes. */
export function finish(channel: ClientChannel): Promise<Ran> {
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  channel.on('data', (chunk: Buffer) => stdout.push(chunk))
  channel.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  let status: readonly unknown[] = []
  channel.on('exit', (...given: unknown[]) => {
    status = given
  })
  return new Promise((resolve) => {
    channel.on('close', () => {
      const [exitCode, signal] = status
      resolve({
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        exitCode,
        signal,
      })
    })
  })
}

export async function run(client: Client, command: string): Promise<Ran> {
  return finish(await start(client, command))
}

/** Resolves when the client's connection has ended. */
export function ended(client: Client): Promise<void> {
  return new Promise((resolve) => client.once('close', () => resolve()))
}

/** Proves that `promise` has not settled after two of `roundTrip`, each of which the network answers. */
export async function expectPending(
  promise: Promise<unknown>,
  roundTrip: () => Promise<unknown>,
): Promise<void> {
  let settled = false
  promise.then(
    () => {
      settled = true
    },
    () => {
      settled = true
    },
  )
  await roundTrip()
  await roundTrip()
  expect(settled).toBe(false)
}
