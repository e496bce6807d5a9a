// The user and password that clients of a proxy must know: what can be sent by SOCKS 5 and by HTTP Basic alike, and a
// comparison that takes the same time for every wrong answer.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { invalid } from '../../config/kinds.js'
import { checkNames } from '../../option-check.js'

/** What clients must log in with. They send it in clear: it keeps other users of a machine out, not listeners on a network. */
export interface ProxyAuth {
  /** From 1 to 255 bytes of UTF-8, without a colon or control characters. */
  readonly user: string
  /** From 1 to 255 bytes of UTF-8, without control characters. */
  readonly password: string
}

/** Whether a client's user and password are the right ones. */
export type LoginCheck = (user: Buffer, password: Buffer) => boolean

/** Reads `auth`; `undefined` when no login is asked for. Throws a `ConfigError` INVALID_OPTION that quotes nothing of it. */
export function readProxyAuth(auth: ProxyAuth | undefined): LoginCheck | undefined {
  if (auth === undefined) return undefined
  checkNames(auth, { user: true, password: true })
  const { user, password } = auth
  if (!isSendable(user) || user.includes(':')) {
    throw invalid('option auth.user', 'must have 1 to 255 bytes, and no colon or control characters')
  }
  if (!isSendable(password)) {
    throw invalid('option auth.password', 'must have 1 to 255 bytes, and no control characters')
  }
  // Digests have one length, whatever the client sends.
  const key = randomBytes(32)
  const digest = (text: string | Buffer) => createHmac('sha256', key).update(text).digest()
  const [rightUser, rightPassword] = [digest(user), digest(password)]
  return (givenUser, givenPassword) => {
    const isUser = timingSafeEqual(digest(givenUser), rightUser)
    const isPassword = timingSafeEqual(digest(givenPassword), rightPassword)
    return isUser && isPassword
  }
}

function isSendable(value: unknown): value is string {
  if (typeof value !== 'string' || /\p{Cc}/u.test(value)) return false
  const length = Buffer.byteLength(value)
  return length >= 1 && length <= 255
}
