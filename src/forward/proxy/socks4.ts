// SOCKS 4 and 4a as a server hears them (the memoranda "SOCKS: A protocol for TCP proxy across firewalls" and
// "SOCKS 4A"). It has no password: where one is asked for, it is refused.

import { addressText, type Destination, findDestination } from './proxy-destination.js'
import { type Dialogue, type ProxyRequest, Refusal } from './proxy-dialogue.js'

const connectCommand = 1
const maxTextBytes = 256
const endOfText = Buffer.of(0)
const granted = Buffer.of(0, 90, 0, 0, 0, 0, 0, 0)
const refused = Buffer.of(0, 91, 0, 0, 0, 0, 0, 0)

export interface Socks4Options {
  /** Whether clients have to log in. */
  readonly asksForPassword: boolean
}

/** What follows the version. User ids, and names of 4a, have at most 255 bytes. */
export function* socks4({ asksForPassword }: Socks4Options): Dialogue {
  if (asksForPassword) throw new Refusal('SOCKS 4 has no password, and this proxy asks for one', refused)
  const head = yield { read: 7 }
  if (head.readUInt8(0) !== connectCommand)
    throw new Refusal('asked by SOCKS 4 for another than CONNECT', refused)
  const port = head.readUInt16BE(1)
  const address = head.subarray(3)
  yield text('a user id')
  // 0.0.0.x cannot be reached, and says that a name follows (4a).
  const isNamed = address.readUIntBE(0, 3) === 0 && address.readUInt8(3) !== 0
  const host = isNamed ? (yield text('a name')).subarray(0, -1).toString('latin1') : addressText(address)
  const to = findDestination(host, port)
  if (to === undefined) throw new Refusal('asked for a destination that there cannot be', refused)
  return request(isNamed ? 'SOCKS 4a' : 'SOCKS 4', to)
}

function text(what: string) {
  return {
    readThrough: endOfText,
    limit: maxTextBytes,
    tooLong: new Refusal(`sent ${what} of more than ${maxTextBytes - 1} bytes`, refused),
  }
}

function request(protocol: 'SOCKS 4' | 'SOCKS 4a', to: Destination): ProxyRequest {
  return { protocol, to, granted, refused: () => refused }
}
