// `redis` (node-redis) on a real Redis behind sshd, by way of a unix socket of its own.

import { createClientPool } from 'redis'
import { expect } from 'vitest'
import { redisSocket } from '../../src/adapters/index.js'
import { driverContract } from '../support/driver-contract.js'
import { startRedis } from '../support/redis-server.js'

driverContract({
  startServer: startRedis,
  // The driver has reached the forward: what is behind it, the forward tells.
  refused: {
    message: expect.stringMatching(/^(?:Socket closed unexpectedly|read ECONNRESET|write EPIPE)$/),
    cause: { code: 'CONNECTION_REFUSED' },
  },
  timedOut: { message: 'Connection timeout' },
  async open(connection, { host, port, tlsPort, password, ca }, { size, tls, connectTimeoutMs, ...options }) {
    const to = { host, port: options.port ?? (tls ? tlsPort : port) }
    const through = await redisSocket(connection, to)
    let refused: Error | undefined
    through.forward.on('refused', ({ error }) => {
      refused = error
    })
    const limits = {
      ...(connectTimeoutMs !== undefined && { connectTimeout: connectTimeoutMs }),
      ...(options.idleTimeoutMs !== undefined && { socketTimeout: options.idleTimeoutMs }),
      reconnectStrategy: () => (connectTimeoutMs === undefined ? (options.idleTimeoutMs ?? 10) * 5 : false),
    } as const
    const pool = createClientPool(
      {
        password,
        commandOptions: { timeout: 0 }, // its clocks for commands run on when they have been answered
        socket: tls ? { ...through.socket, ...limits, tls: true, ca } : { ...through.socket, ...limits },
      },
      // Its clock for clients that are too many goes on when it is closed.
      { minimum: 1, maximum: size, cleanupDelay: 500 },
    )
    pool.on('error', () => {}) // a connection was lost
    const connected = pool.connect().catch((error: unknown) => {
      throw Object.assign(error as Error, { cause: refused })
    })
    connected.catch(() => {})
    let closed: Promise<void> | undefined
    return {
      whoServes: async (holdMs) => {
        await connected
        return pool.execute(async (client) => {
          if (holdMs > 0) await client.blPop('nothing', holdMs / 1000)
          return String(await client.sendCommand(['CLIENT', 'ID']))
        })
      },
      text: async (length) => {
        await connected
        await pool.sendCommand(['SETRANGE', 'text', String(length - 1), 'x'])
        return String(await pool.get('text'))
      },
      isEncrypted: async () => {
        await connected
        return String(await pool.sendCommand(['CLIENT', 'INFO'])).includes(`laddr=127.0.0.1:${tlsPort} `)
      },
      close: () => {
        closed ??= (async () => {
          await connected.catch(() => {})
          pool.destroy()
          await through.close()
        })()
        return closed
      },
    }
  },
})
