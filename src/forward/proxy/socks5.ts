// SOCKS 5 as a server hears it (RFC 1928), with user and password where they are asked for (RFC 1929). CONNECT only.

import type { LoginCheck } from './proxy-auth.js'
import { addressText, findDestination } from './proxy-destination.js'
import { type Dialogue, type ProxyFailure, Refusal } from './proxy-dialogue.js'

const version = 5
const loginVersion = 1
const connectCommand = 1
const withoutLogin = 0
const byPassword = 2

/** RFC 1928 6; the address is that of the far side, which nobody tells us. */
const reply = (code: number) => Buffer.of(version, code, 0, 1, 0, 0, 0, 0, 0, 0)

const generalFailure = 1
const commandNotSupported = 7
const addressNotSupported = 8

const codes: Readonly<Record<ProxyFailure, number>> = {
  failed: generalFailure,
  'not permitted': 2,
  'network unreachable': 3,
  'host unreachable': 4,
  'connection refused': 5,
  // RFC 1928 has no word for it but this one: TTL expired.
  'timed out': 6,
}

/** What follows the version. Clients have to log in when there is a `login`. */
export function* socks5(login: LoginCheck | undefined): Dialogue {
  yield* agreeOnLogin(login)
  const head = yield { read: 4 }
  if (head.readUInt8(0) !== version) throw new Refusal('sent a request of another version within SOCKS 5')
  if (head.readUInt8(2) !== 0) throw new Refusal('sent a malformed SOCKS 5 request', reply(generalFailure))
  if (head.readUInt8(1) !== connectCommand) {
    throw new Refusal('asked by SOCKS 5 for another than CONNECT', reply(commandNotSupported))
  }
  const host = yield* readHost(head.readUInt8(3))
  const port = (yield { read: 2 }).readUInt16BE(0)
  const to = findDestination(host, port)
  if (to === undefined) {
    throw new Refusal('asked for a destination that there cannot be', reply(generalFailure))
  }
  return { protocol: 'SOCKS 5', to, granted: reply(0), refused: (failure) => reply(codes[failure]) }
}

function* agreeOnLogin(login: LoginCheck | undefined): Dialogue<void> {
  const methods = yield* readSized()
  const method = login === undefined ? withoutLogin : byPassword
  if (!methods.includes(method)) {
    const what = login === undefined ? 'wants to log in, which is not asked for here' : 'does not log in'
    throw new Refusal(what, Buffer.of(version, 0xff))
  }
  yield { say: Buffer.of(version, method) }
  if (login === undefined) return
  const loginHead = yield { read: 1 }
  if (loginHead.readUInt8(0) !== loginVersion) {
    throw new Refusal('sent a login of another version than RFC 1929', Buffer.of(loginVersion, 1))
  }
  const user = yield* readSized()
  const password = yield* readSized()
  if (!login(user, password)) throw new Refusal('sent a wrong user or password', Buffer.of(loginVersion, 1))
  yield { say: Buffer.of(loginVersion, 0) }
}

function* readHost(addressType: number): Dialogue<string> {
  switch (addressType) {
    case 1:
      return addressText(yield { read: 4 })
    case 3:
      return (yield* readSized()).toString('latin1')
    case 4:
      return addressText(yield { read: 16 })
    default:
      throw new Refusal('asked for a type of address that there is not', reply(addressNotSupported))
  }
}

/** A byte with a length, and as many bytes. */
function* readSized(): Dialogue<Buffer> {
  const length = (yield { read: 1 }).readUInt8(0)
  return yield { read: length }
}
