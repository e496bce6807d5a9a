// An embedded network: real SSH servers inside the process, of which only those that listen can be reached from outside.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../config/settings.js'
import { type Address, type Dialer, formatAddress } from '../dialer.js'
import { checkDescription } from './check-description.js'
import type { HostDescription, NetworkDescription } from './description.js'
import { type DialResult, Host, type NetworkHost } from './host.js'
import { makeKey, type TestKey } from './key-pair.js'
import { type NetworkFiles, removeFiles, writeFiles } from './network-files.js'
import { streamPair } from './stream-pair.js'

/** A running network. Whoever made it closes it. */
export interface Network extends AsyncDisposable {
  /** Reaches the listening hosts by name and port, in process: `new Connection('gw', { gateway: network.dialer })`. */
  readonly dialer: Dialer
  /** What a connection needs to trust and be trusted by these hosts, to be spread into its options. */
  readonly settings: NetworkSettings
  /** The key that users accept who describe none. */
  readonly userKey: TestKey
  /** The host keys, in the format of known_hosts: by name, and by real port for the hosts that listen. */
  readonly knownHosts: string
  readonly files: NetworkFiles
  /** Throws a RangeError for a host that the network does not have. */
  host(name: string): NetworkHost
  /** The real address of a host that listens. Throws a RangeError for others. */
  address(name: string): { readonly host: string; readonly port: number }
  /** Destroys every connection and listener, and removes the files. Never rejects; closing twice is closing once. */
  close(): Promise<void>
}

export type NetworkSettings = Pick<
  Settings,
  'identityFile' | 'identitiesOnly' | 'identityAgent' | 'userKnownHostsFile' | 'globalKnownHostsFile'
> & {
  /** What is configured on the machine does not concern these hosts. */
  readonly sshConfig: false
  readonly config: false
}

/** Starts the hosts of `description`. Rejects with a TypeError for a description that cannot be right. */
export async function createNetwork(description: NetworkDescription): Promise<Network> {
  checkDescription(description)
  const network = new EmbeddedNetwork(description)
  try {
    await network.open()
  } catch (error) {
    await network.close()
    throw error
  }
  return network
}

class EmbeddedNetwork implements Network {
  readonly userKey = makeKey('user key of the network')
  readonly dialer: Dialer = { dial: (address, options) => this.#dialFromOutside(address, options) }
  readonly #descriptions: ReadonlyMap<string, HostDescription>
  readonly #hosts = new Map<string, Host>()
  readonly #listeners = new Map<string, Server>()
  readonly #closing = new AbortController()
  readonly #streams = new Set<Duplex>()
  #files: NetworkFiles | undefined
  #closed: Promise<void> | undefined

  constructor({ hosts }: NetworkDescription) {
    this.#descriptions = new Map(Object.entries(hosts))
    for (const [name, description] of this.#descriptions) {
      const dial = (address: Address): DialResult => this.#dialFrom(name, address)
      const networkKey = this.userKey.publicKey
      this.#hosts.set(name, new Host({ name, description, networkKey, dial }))
    }
  }

  get files(): NetworkFiles {
    if (this.#files === undefined) throw new Error('the network is not open')
    return this.#files
  }

  get settings(): NetworkSettings {
    return {
      identityFile: [this.files.identity],
      identitiesOnly: true,
      identityAgent: 'none',
      userKnownHostsFile: [this.files.knownHosts],
      globalKnownHostsFile: [],
      sshConfig: false,
      config: false,
    }
  }

  get knownHosts(): string {
    const lines = [...this.#hosts.values()].map(({ name, hostKey }) => {
      const port = this.#port(name)
      const names = port === 22 ? [name] : [name, `[${name}]:${port}`]
      if (this.#listeners.has(name)) names.push(`[127.0.0.1]:${this.address(name).port}`)
      return `${names.join(',')} ${hostKey.publicKey}\n`
    })
    return lines.join('')
  }

  host(name: string): Host {
    const host = this.#hosts.get(name)
    if (host === undefined) throw new RangeError(`the network has no host ${JSON.stringify(name)}`)
    return host
  }

  address(name: string): { readonly host: string; readonly port: number } {
    const listener = this.#listeners.get(name)
    if (listener === undefined) throw new RangeError(`no host ${JSON.stringify(name)} listens`)
    return { host: '127.0.0.1', port: (listener.address() as AddressInfo).port }
  }

  async open(): Promise<void> {
    for (const [name, { listen }] of this.#descriptions) {
      if (listen === true) await this.#listen(this.host(name))
    }
    this.#files = await writeFiles({
      privateKey: this.userKey.privateKey,
      knownHosts: this.knownHosts,
      listening: [...this.#listeners.keys()].map((name) => ({ name, port: this.address(name).port })),
    })
  }

  close(): Promise<void> {
    this.#closed ??= this.#closeAll()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #closeAll(): Promise<void> {
    const reason = new Error('the network was closed')
    this.#closing.abort(reason)
    const listeners = [...this.#listeners.values()].map(
      (listener) => new Promise<void>((resolve) => listener.close(() => resolve())),
    )
    for (const host of this.#hosts.values()) host.close(reason)
    for (const stream of this.#streams) stream.destroy()
    await Promise.all(listeners)
    if (this.#files !== undefined) await removeFiles(this.#files).catch(() => {})
  }

  async #listen(host: Host): Promise<void> {
    const listener = createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => {})
      const { connection } = host.faults
      if (connection === 'refuse') socket.destroy()
      else if (connection === 'hang') this.#own(socket).resume()
      else host.accept(socket, 'outside')
    })
    listener.on('error', () => {})
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    this.#listeners.set(host.name, listener)
  }

  /** Closes `stream` with the network, where no host does. */
  #own(stream: Duplex): Duplex {
    this.#streams.add(stream)
    stream.on('error', () => {})
    stream.once('close', () => this.#streams.delete(stream))
    return stream
  }

  async #dialFromOutside(...[address, options = {}]: Parameters<Dialer['dial']>): Promise<Duplex> {
    const name = 'path' in address ? address.path : address.host
    const listens = this.#descriptions.get(name)?.listen === true
    const result = listens ? this.#connect(name, address, 'outside') : ({ error: 'ENOTFOUND' } as const)
    options.signal?.throwIfAborted()
    this.#closing.signal.throwIfAborted()
    if (result === 'hang') return this.#hang(options.signal, options.timeoutMs)
    if ('stream' in result) return result.stream
    throw Object.assign(new Error(`connect ${result.error} ${formatAddress(address)}`), {
      code: result.error,
    })
  }

  async #hang(signal: AbortSignal | undefined, timeoutMs = 2 ** 31 - 1): Promise<never> {
    const ending =
      signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
    await delay(timeoutMs, undefined, { signal: ending })
    throw Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' })
  }

  #dialFrom(name: string, address: Address): DialResult {
    if ('path' in address) return this.#connect(name, address, name)
    const to = ['localhost', '127.0.0.1', '::1'].includes(address.host) ? name : address.host
    if (to === name) return this.#connect(name, address, name)
    const reaches = this.#descriptions.get(name)?.reaches ?? []
    if (!this.#hosts.has(to) || !reaches.some((entry) => entry === '*' || hostOf(entry) === to)) {
      return { error: 'ENOTFOUND' }
    }
    const allowed = reaches.some(
      (entry) => entry === '*' || entry === to || entry === `${to}:${address.port}`,
    )
    return allowed ? this.#connect(to, address, name) : { error: 'ECONNREFUSED' }
  }

  #connect(name: string, address: Address, from: string): DialResult {
    const host = this.host(name)
    const { connection } = host.faults
    if (connection === 'hang') return 'hang'
    const services = this.#descriptions.get(name)?.services ?? {}
    const key = 'path' in address ? address.path : String(address.port)
    const service = Object.hasOwn(services, key) ? services[key] : undefined
    const isSsh = 'port' in address && address.port === this.#port(name)
    if (connection === 'refuse' || (service === undefined && !isSsh)) return { error: 'ECONNREFUSED' }
    const [near, far] = streamPair()
    if (service !== undefined) service(this.#own(far))
    else host.accept(far, from)
    return { stream: near }
  }

  #port(name: string): number {
    return this.#descriptions.get(name)?.port ?? 22
  }
}

function hostOf(entry: string): string {
  return entry.replace(/:\d+$/, '')
}
