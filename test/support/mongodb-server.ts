// The least that a MongoDB driver calls a server: it answers the handshake and the commands that end a session, in the
// real wire protocol, and knows no data. Debian has no MongoDB. It keeps what it was asked, to prove who asked.

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { BSON, type Document } from 'mongodb'

/** The codes of messages: the old question and answer, and the one form of today. */
const opReply = 1
const opQuery = 2004
const opMsg = 2013

export class MongodbServer implements AsyncDisposable {
  readonly host = 'localhost'
  /** What was asked, in order: `hello`, `ping`, `endSessions`. */
  readonly commands: string[] = []
  /** What drivers said of themselves in their handshakes. */
  readonly clients: Document[] = []
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((socket) => this.#serve(socket))

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
    return address.port
  }

  /** How many connections are open now. */
  get live(): number {
    return this.#sockets.size
  }

  /** On a port of 127.0.0.1, or on a unix socket with this path. */
  async listen(path?: string): Promise<this> {
    await once(
      path === undefined ? this.#server.listen(0, '127.0.0.1') : this.#server.listen(path),
      'listening',
    )
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    let rest = Buffer.alloc(0)
    socket.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes])
      while (rest.length >= 16 && rest.length >= rest.readInt32LE(0)) {
        const length = rest.readInt32LE(0)
        this.#answer(socket, rest.subarray(0, length))
        rest = rest.subarray(length)
      }
    })
  }

  #answer(socket: Socket, message: Buffer): void {
    const [id, code] = [message.readInt32LE(4), message.readInt32LE(12)]
    // OP_QUERY: flags, a name that ends with 0, two numbers, the document. OP_MSG: flags, a kind (0), the document.
    const at = code === opQuery ? message.indexOf(0, 20) + 9 : 21
    const question = BSON.deserialize(message.subarray(at, at + message.readInt32LE(at)))
    const [command = ''] = Object.keys(question)
    this.commands.push(command)
    const { client } = question as { readonly client?: Document }
    if (client !== undefined) this.clients.push(client)
    const body = BSON.serialize(this.#reply(command))
    const head = code === opQuery ? Buffer.alloc(20) : Buffer.alloc(5)
    if (code === opQuery) head.writeInt32LE(1, 16) // one document
    const header = Buffer.alloc(16)
    header.writeInt32LE(16 + head.length + body.length, 0)
    header.writeInt32LE(id, 8)
    header.writeInt32LE(code === opQuery ? opReply : opMsg, 12)
    socket.write(Buffer.concat([header, head, body]))
  }

  #reply(command: string): Document {
    if (!/^(?:hello|ismaster)$/i.test(command)) return { ok: 1 }
    return {
      ...{ ok: 1, helloOk: true, ismaster: true, isWritablePrimary: true, localTime: new Date() },
      ...{ minWireVersion: 0, maxWireVersion: 21, logicalSessionTimeoutMinutes: 30, readOnly: false },
      ...{ maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000 },
    }
  }
}
