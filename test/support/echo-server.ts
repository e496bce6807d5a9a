// A WebSocket server for tests, which sends back what it gets. It listens on a unix socket, so that it can be behind a
// web server in any network namespace.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { WebSocketServer } from 'ws'
import { scratchDir } from './run-dir.js'

export class EchoServer implements AsyncDisposable {
  readonly path = join(scratchDir('echo'), 'sock')
  readonly #http = createServer()
  readonly #server = new WebSocketServer({ server: this.#http })

  async listen(): Promise<this> {
    this.#server.on('connection', (socket) => {
      socket.on('error', () => {})
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    await once(this.#http.listen(this.path), 'listening')
    return this
  }

  /** Closes all connections from here. */
  closeAll(code: number, reason: string): void {
    for (const client of this.#server.clients) client.close(code, reason)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate()
    this.#server.close()
    this.#http.close()
    await once(this.#http, 'close')
  }
}
