// What else the documented network has where its databases are: a web server `web.internal` with HTTP, HTTPS and a
// WebSocket, a mail server `mail.internal`, and a stand-in for MongoDB on `db.internal`.

import { EchoServer } from '../support/echo-server.js'
import { MongodbServer } from '../support/mongodb-server.js'
import { startNginx } from '../support/nginx-server.js'
import { ServerHome } from '../support/server-process.js'
import { startSmtpServer } from '../support/smtp-server.js'
import type { DocumentedNetwork } from './documented-network.js'

export interface DocumentedServices extends AsyncDisposable {
  /** The authorities of the certificates, in PEM. */
  readonly ca: string
  /** The path of a unix socket on which the web server listens, on every host. */
  readonly socketPath: string
}

/** Starts them. The caller disposes them before the network. */
export async function startDocumentedServices({ deep }: DocumentedNetwork): Promise<DocumentedServices> {
  const made: AsyncDisposable[] = []
  const keep = <T extends AsyncDisposable>(thing: T): T => {
    made.unshift(thing)
    return thing
  }
  const dispose = async (): Promise<void> => {
    for (const thing of made.splice(0)) await thing[Symbol.asyncDispose]()
  }
  const place = { address: deep.address, under: ['ip', 'netns', 'exec', deep.name] }
  try {
    const echo = keep(await new EchoServer().listen())
    const web = { ...place, name: 'web.internal', port: 80, securePort: 443, webSocketPath: echo.path }
    const nginx = keep(await startNginx(web))
    const mail = keep(await startSmtpServer({ ...place, name: 'mail.internal', port: 587 }))
    const home = new ServerHome('mongodb', place)
    const socket = `${home.directory}/sock`
    keep(await new MongodbServer().listen(socket))
    keep(await home.start(process.execPath, ['-e', relay, deep.address, socket], /^ready$/))
    return { ca: nginx.ca + mail.ca, socketPath: nginx.socketPath, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** A unix socket is everywhere; a port is in its network namespace. This leads from one to the other. */
const relay = `
const { connect, createServer } = require('node:net')
const [, address, path] = process.argv
createServer((client) => {
  const server = connect(path)
  for (const [from, to] of [[client, server], [server, client]]) from.on('error', () => to.destroy()).pipe(to)
}).listen(27017, address, () => console.log('ready'))
`
