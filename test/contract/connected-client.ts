// A client of ssh2 that has begun to connect, for looking at its inside.

import { Duplex } from 'node:stream'
import { Client } from 'ssh2'

/** Takes all, and gives nothing. */
export function silentStream(): Duplex {
  return new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
}

/** A client on which `connect` was called, and to which nobody says anything. */
export function connectedClient(): Client {
  const client = new Client()
  client.on('error', () => {})
  client.connect({ sock: silentStream() as never, username: 'u', readyTimeout: 0, hostVerifier: () => true })
  return client
}
