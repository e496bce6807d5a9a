// The address of a proxy and what goes with it, checked and brought into one form. No message quotes the address: it may
// have a password in it.

import { invalid } from '../config/kinds.js'
import { ConfigError } from '../errors.js'
import { checkNames } from '../option-check.js'
import { checkHost } from '../route/destination.js'
import { type ProxyPassword, type ProxySpec, type ProxyTls, proxySpec } from '../route/proxy-spec.js'

/** What every kind of proxy takes. */
export interface ProxyLogin {
  /** Who asks; in place of a user in the address. */
  readonly user?: string | undefined
  /** In place of a password in the address; a function is asked each time that the proxy is used. */
  readonly password?: ProxyPassword | undefined
}

type Protocol = ProxySpec['protocol']

/** Which schemes stand for what, and the port where the address has none. */
export type Schemes = Readonly<Record<string, { readonly protocol: Protocol; readonly port: number }>>

/** Reads the address of a proxy. Throws ConfigError INVALID_DESTINATION and INVALID_OPTION. */
export function readProxy(
  url: string,
  options: ProxyLogin & { readonly tls?: ProxyTls | undefined },
  { name, schemes }: { readonly name: string; readonly schemes: Schemes },
): ProxySpec {
  const bad = (what: string): ConfigError =>
    new ConfigError('INVALID_DESTINATION', `${name}: ${what}`, { origin: name, phase: 'resolve' })
  const known = Object.keys(schemes).map((scheme) => `${scheme}://`)
  const form = `the address must be as ${known[0]}host:1080`
  if (typeof url !== 'string') throw bad(form)
  const [, scheme = '', userInfo, bracketed, plain = '', digits] =
    /^([a-z0-9]+):\/\/(?:([^@/?#]*)@)?(?:\[([^\]@]*)\]|([^:@/?#[\]]*))(?::(\d{1,5}))?\/?$/i.exec(url) ?? []
  const found = Object.entries(schemes).find(([known]) => known === scheme.toLowerCase())?.[1]
  if (found === undefined) throw bad(`${form}; it can begin with ${known.join(' or ')}`)
  const host = bracketed ?? plain
  checkHost(host, name)
  if (bracketed !== undefined && !bracketed.includes(':'))
    throw bad('only an IPv6 address stands in brackets')
  const port = digits === undefined ? found.port : Number(digits)
  if (port < 1 || port > 65_535) throw bad('the port must be from 1 to 65535')
  const credentials = credentialsOf(userInfo, options, { name, bad, protocol: found.protocol })
  const { tls } = options
  if (tls !== undefined && found.protocol !== 'https') {
    throw invalid(name, 'tls is for the address of a proxy that begins with https://')
  }
  if (tls !== undefined) checkNames(tls, { ca: true, serverName: true, cert: true, key: true })
  return proxySpec({
    protocol: found.protocol,
    host,
    port,
    credentials,
    tls: tls && Object.freeze({ ...tls }),
  })
}

interface Told {
  readonly name: string
  readonly bad: (what: string) => ConfigError
  readonly protocol: Protocol
}

function credentialsOf(userInfo: string | undefined, options: ProxyLogin, { name, bad, protocol }: Told) {
  const [inUser, inPassword] = readUserInfo(userInfo, bad)
  const user = options.user ?? inUser
  const password = options.password ?? inPassword
  if (options.user !== undefined && inUser !== undefined) {
    throw invalid(name, 'the user is both in the address and an option')
  }
  if (options.password !== undefined && inPassword !== undefined) {
    throw invalid(name, 'the password is both in the address and an option')
  }
  if (user === undefined && password === undefined) return undefined
  if (typeof user !== 'string' || user === '') throw invalid(name, 'there is a password and no user')
  if (typeof password !== 'string' && typeof password !== 'function') {
    throw invalid(name, 'there is a user, and no password that is a string or a function')
  }
  // HTTP has no way to say a user with a colon (RFC 7617 2).
  if (/[\0\r\n]/.test(user) || (protocol !== 'socks5' && user.includes(':')))
    throw invalid(name, 'the user has a character that it cannot have')
  return Object.freeze({ user, password })
}

function readUserInfo(
  userInfo: string | undefined,
  bad: Told['bad'],
): readonly [string | undefined, string | undefined] {
  if (userInfo === undefined || userInfo === '') return [undefined, undefined]
  const colon = userInfo.indexOf(':')
  const [user, password] =
    colon < 0 ? [userInfo, undefined] : [userInfo.slice(0, colon), userInfo.slice(colon + 1)]
  try {
    return [decodeURIComponent(user), password === undefined ? undefined : decodeURIComponent(password)]
  } catch {
    throw bad('the user or the password has a broken percent sequence')
  }
}
