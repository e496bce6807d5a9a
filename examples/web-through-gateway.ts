// A web page that only the gateway can reach, over a stream in place of a socket: no local port is opened, the name is
// resolved by the gateway, and with https the encryption goes from here to the web server.
//
//   npx tsc -p examples && node examples/dist/web-through-gateway.js ops@gatewayhost https://wiki.internal/

import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { Connection } from 'sallyport'

const [gatewayHost, address] = process.argv.slice(2)
if (gatewayHost === undefined || address === undefined) {
  console.error('usage: web-through-gateway.js gateway url')
  process.exit(2)
}
const { protocol, hostname, host, port, pathname, search } = new URL(address)
const isSecure = protocol === 'https:'

await using gateway = new Connection(gatewayHost)
const stream = await gateway.dial({ host: hostname, port: Number(port) || (isSecure ? 443 : 80) })
const socket = isSecure ? connectTls({ socket: stream, servername: hostname }) : stream

const request = get({ path: pathname + search, headers: { host }, createConnection: () => socket })
const [response] = (await once(request, 'response')) as [IncomingMessage]
console.error(`${response.statusCode} ${response.statusMessage}`)
process.stdout.write(await text(response))
socket.destroy()
