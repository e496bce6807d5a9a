// The client's side of SOCKS5 (RFC 1928, RFC 1929), on a stream that leads to the proxy. Names go to the proxy as they
// are: nothing is looked up here. The bytes that follow the proxy's answer stay in the stream.

import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ProxySpec } from '../route/proxy-spec.js'
import { addressBytes } from './address-bytes.js'
import { couldNotConnect, type ProxyTarget, proxyFailed, type Refusal } from './proxy-error.js'
import { receiveBytes } from './receive.js'

export interface ProxyExchange {
  readonly proxy: ProxySpec
  readonly target: ProxyTarget
  readonly login: { readonly user: string; readonly password: string } | undefined
  readonly signal: AbortSignal
}

const version = 5
const noLogin = 0
const userAndPassword = 2
const noneAcceptable = 0xff
const connectCommand = 1
const kinds = { ipv4: 1, name: 3, ipv6: 4 } as const

/** Has the proxy connect to the target. Resolves when the stream leads there; rejects with `SallyportError`. */
export async function connectBySocks5(stream: Duplex, exchange: ProxyExchange): Promise<void> {
  const { proxy, target, login, signal } = exchange
  const request = Buffer.concat([Buffer.of(version, connectCommand, 0), addressOf(proxy, target)])
  const methods = login === undefined ? [noLogin] : [noLogin, userAndPassword]
  stream.write(Buffer.of(version, methods.length, ...methods))
  const [answered, method] = await receiveBytes(stream, 2, signal)
  if (answered !== version) throw proxyFailed(proxy, 'does not speak SOCKS5')
  if (method === userAndPassword && login !== undefined) await logIn(stream, login, exchange)
  else if (method === noneAcceptable) throw refusesLogin(exchange)
  else if (method !== noLogin) throw proxyFailed(proxy, `asks for the unknown login method ${method}`)
  stream.write(request)
  await readReply(stream, exchange)
}

async function logIn(
  stream: Duplex,
  { user, password }: { readonly user: string; readonly password: string },
  { proxy, signal }: ProxyExchange,
): Promise<void> {
  const fields = [user, password].map((text) => Buffer.from(text))
  if (fields.some(({ length }) => length > 255)) {
    throw proxyFailed(proxy, 'takes users and passwords of at most 255 bytes')
  }
  stream.write(Buffer.concat([Buffer.of(1), ...fields.flatMap((field) => [Buffer.of(field.length), field])]))
  const [, status] = await receiveBytes(stream, 2, signal)
  if (status !== 0) throw proxyFailed(proxy, 'did not accept the user and the password')
}

function refusesLogin({ proxy, login }: ProxyExchange): Error {
  return login === undefined
    ? proxyFailed(proxy, 'asks for a user and a password, and there are none', {
        hint: 'give them by the options user and password',
      })
    : proxyFailed(proxy, 'takes none of the login methods that there are')
}

function addressOf(proxy: ProxySpec, { host, port, name }: ProxyTarget): Buffer {
  const end = Buffer.of(port >> 8, port & 0xff)
  const version = isIP(host)
  if (version !== 0 && !host.includes('%')) {
    return Buffer.concat([Buffer.of(version === 4 ? kinds.ipv4 : kinds.ipv6), addressBytes(host), end])
  }
  const bytes = Buffer.from(host)
  if (bytes.length > 255) throw proxyFailed(proxy, `takes names of at most 255 bytes, unlike ${name}`)
  return Buffer.concat([Buffer.of(kinds.name, bytes.length), bytes, end])
}

async function readReply(stream: Duplex, { proxy, target, signal }: ProxyExchange): Promise<void> {
  const [answered, reply = 0, , kind] = await receiveBytes(stream, 4, signal)
  if (answered !== version) throw proxyFailed(proxy, 'does not speak SOCKS5')
  // Some end their refusal here.
  if (reply !== 0) throw couldNotConnect(proxy, target, refusals[reply] ?? unknownRefusal(reply))
  const size = kind === kinds.ipv4 ? 4 : kind === kinds.ipv6 ? 16 : undefined
  if (size === undefined && kind !== kinds.name) throw proxyFailed(proxy, 'does not speak SOCKS5')
  const rest = size ?? (await receiveBytes(stream, 1, signal)).readUInt8()
  await receiveBytes(stream, rest + 2, signal)
}

const refusals: Readonly<Record<number, { readonly code: Refusal; readonly why: string }>> = {
  1: { code: 'PROXY_FAILED', why: 'general failure' },
  2: { code: 'PROXY_FAILED', why: 'its rules do not allow it' },
  3: { code: 'CONNECTION_FAILED', why: 'network unreachable' },
  4: { code: 'CONNECTION_FAILED', why: 'host unreachable' },
  5: { code: 'CONNECTION_REFUSED', why: 'connection refused' },
  6: { code: 'CONNECTION_FAILED', why: 'timed out (TTL expired)' },
  7: { code: 'PROXY_FAILED', why: 'it does not know the command' },
  8: { code: 'PROXY_FAILED', why: 'it does not know this kind of address' },
}

function unknownRefusal(reply: number): { readonly code: Refusal; readonly why: string } {
  return { code: 'PROXY_FAILED', why: `its answer is ${reply}, which has no meaning` }
}
