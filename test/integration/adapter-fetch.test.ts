// The global `fetch` on a real nginx behind sshd: Node's own client takes undici's dispatcher.

import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { Agent } from 'undici'
import { undiciConnect } from '../../src/adapters/index.js'
import { webContract } from '../support/web-contract.js'

webContract((connection, { size, ca, idleTimeoutMs, timeoutMs }) => {
  const dispatcher = new Agent({
    connections: size,
    connect: undiciConnect(connection, { tls: { ca }, timeoutMs }),
    ...(idleTimeoutMs === undefined ? {} : { keepAliveTimeout: idleTimeoutMs }),
  })
  return {
    async request(url, { body, signal } = {}) {
      const method = body === undefined ? 'GET' : 'PUT'
      const init = { dispatcher, method, body, duplex: 'half', signal } as unknown as RequestInit
      const response = await fetch(url, init)
      return Readable.fromWeb((response.body ?? new Blob([]).stream()) as ReadableStream)
    },
    close: () => dispatcher.close(),
  }
})
