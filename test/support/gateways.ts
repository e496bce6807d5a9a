// Two sshd in a row for the tests of drivers: connections through one or both, and what the last one's log says of
// the channels that it has opened and freed.

import { expect, vi } from 'vitest'
import type { Connection } from '../../src/index.js'
import { Chain } from './chain.js'
import { closeAll, connectionsThrough, connectionTo } from './link-up.js'
import { startSshd } from './sshd.js'

export interface ChannelCounts {
  /** Logins that the last sshd has accepted. */
  readonly logins: number
  /** Channels to servers that it was asked for, and that are gone again. */
  readonly opened: number
  readonly freed: number
}

/** Starts both; the last one may forward to anything. */
export async function startGateways(): Promise<Gateways> {
  const inner = await startSshd({ name: 'inner' })
  return new Gateways(
    new Chain([
      await startSshd({ name: 'outer', config: [`PermitOpen ${inner.host}:${inner.port}`] }),
      inner,
    ]),
  )
}

export class Gateways implements AsyncDisposable {
  readonly chain: Chain
  /** Channels of connections that have ended as a whole: nothing is said of their ends. */
  #dropped = 0

  constructor(chain: Chain) {
    this.chain = chain
  }

  counts(): ChannelCounts {
    const inner = this.chain.at(1)
    const lines = inner.log.lines().map(({ text }) => text)
    return {
      logins: inner.connections().length,
      opened: lines.filter((text) => /direct_(?:tcpip|streamlocal): originator/.test(text)).length,
      freed: lines.filter((text) => /channel \d+: free: direct-/.test(text)).length,
    }
  }

  /** When every channel that was ever opened is gone. */
  allFreed(): Promise<void> {
    return vi.waitFor(
      () => {
        const { opened, freed } = this.counts()
        expect(freed + this.#dropped).toBe(opened)
      },
      { timeout: 5000 },
    )
  }

  /** Runs a test with a connection of its own, through one sshd or both. */
  async withConnection(hops: 1 | 2, use: (connection: Connection) => Promise<void>): Promise<void> {
    const connections = hops === 2 ? connectionsThrough(this.chain) : [connectionTo(this.chain.at(1))]
    const connection = connections.at(-1)
    if (connection === undefined) throw new Error('no connection')
    this.#drop()
    try {
      await use(connection)
    } finally {
      await closeAll(connections)
      await this.#noSessions()
    }
  }

  /** Ends the connection by killing its sshd; resolves when the connection knows. */
  async lose(connection: Connection): Promise<void> {
    const lost = connection.closed
    this.chain.at(1).killSessions()
    await lost
    await this.#noSessions()
    this.#drop()
  }

  #drop(): void {
    const { opened, freed } = this.counts()
    this.#dropped = opened - freed
  }

  #noSessions(): Promise<void> {
    return vi.waitFor(() => expect(this.chain.at(1).sessions()).toEqual([]), { timeout: 5000 })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.chain[Symbol.asyncDispose]()
  }
}
