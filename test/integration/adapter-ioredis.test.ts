// `ioredis` on a real Redis behind sshd. It has no pool: ten clients are one.

import { once } from 'node:events'
import { AbstractConnector, Redis } from 'ioredis'
import { ioredisConnector } from '../../src/adapters/index.js'
import { driverContract } from '../support/driver-contract.js'
import { startRedis } from '../support/redis-server.js'

driverContract({
  startServer: startRedis,
  refused: { code: 'ECONNREFUSED', cause: { code: 'CONNECTION_REFUSED' } },
  timedOut: { code: 'ETIMEDOUT' },
  open(connection, { host, port, tlsPort, password, ca }, { size, tls, connectTimeoutMs, ...options }) {
    const { idleTimeoutMs } = options
    let lastError: Error | undefined
    const clients = Array.from({ length: size }, () =>
      new Redis({
        ...{ host, port: options.port ?? (tls ? tlsPort : port), password },
        Connector: ioredisConnector(connection, AbstractConnector),
        ...(tls && { tls: { ca } }),
        ...(connectTimeoutMs !== undefined && { connectTimeout: connectTimeoutMs }),
        ...(idleTimeoutMs !== undefined && { socketTimeout: idleTimeoutMs, maxRetriesPerRequest: 0 }),
        retryStrategy: () => (connectTimeoutMs === undefined ? (idleTimeoutMs ?? 10) * 5 : null),
      }).on('error', (error) => {
        lastError = error
      }),
    )
    let next = 0
    const client = (): Redis => {
      const chosen = clients[next++ % size]
      if (chosen === undefined) throw new Error('no client')
      return chosen
    }
    return {
      whoServes: async (holdMs) => {
        const one = client()
        try {
          if (holdMs > 0) await one.blpop('nothing', holdMs / 1000)
          return String(await one.client('ID'))
        } catch (error) {
          throw lastError ?? error
        }
      },
      text: async (length) => {
        const one = client()
        await one.setrange('text', length - 1, 'x')
        return String(await one.get('text'))
      },
      isEncrypted: async () => String(await client().client('INFO')).includes(`laddr=127.0.0.1:${tlsPort} `),
      // Its time-out is for answers that do not come.
      idle: () =>
        void client()
          .blpop('nothing', 5)
          .catch(() => {}),
      close: () =>
        Promise.all(
          clients.map(async (one) => {
            if (one.status === 'end') return
            const ended = once(one, 'end')
            one.disconnect()
            await ended
          }),
        ),
    }
  },
})
