// Which protocol a client of a proxy speaks: told apart by the first byte, so that one port takes them all.

import { httpConnect } from './http-connect.js'
import type { LoginCheck } from './proxy-auth.js'
import { type Dialogue, Refusal } from './proxy-dialogue.js'
import { socks4 } from './socks4.js'
import { socks5 } from './socks5.js'

/** Reads one request by SOCKS 4, 4a or 5 or by HTTP. Clients have to log in when there is a `login`. */
export function* proxyRequest(login: LoginCheck | undefined): Dialogue {
  const start = yield { read: 1 }
  const first = start.readUInt8(0)
  if (first === 4) return yield* socks4({ asksForPassword: login !== undefined })
  if (first === 5) return yield* socks5(login)
  // Methods begin with a capital; a TLS handshake, or SSH 1 of old, does not get this far.
  if (first >= 0x41 && first <= 0x5a) return yield* httpConnect(start, login)
  throw new Refusal('speaks neither SOCKS nor HTTP')
}
