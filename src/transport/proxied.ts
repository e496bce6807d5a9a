// A stream through proxies in a row: the first one is reached by whatever the caller has, each is asked for the next one,
// and the last for the address. What is opened on the way is closed when a later step fails.

import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { type Address, formatAddress } from '../dialer.js'
import type { SallyportError } from '../errors.js'
import { interruptible } from '../interruptible.js'
import type { ProxySpec } from '../route/proxy-spec.js'
import { connectByHttp } from './http-connect.js'
import type { Link } from './link.js'
import { exchangeFailed, type ProxyTarget, proxyFailed } from './proxy-error.js'
import { connectBySocks5, type ProxyExchange } from './socks5.js'
import type { Refable } from './stream-link.js'

export interface ProxiedRequest {
  readonly proxies: readonly ProxySpec[]
  readonly address: Address
  /** Ends the attempt; its reason is what it rejects with. */
  readonly signal: AbortSignal
  /** Opens a stream to the first proxy. What it rejects with passes. */
  readonly reach: (proxy: ProxySpec) => Promise<Link>
}

/** Opens the stream. Rejects with `SallyportError` PROXY_FAILED, or CONNECTION_REFUSED and the like of the address. */
export async function openProxied({ proxies, address, signal, reach }: ProxiedRequest): Promise<Link> {
  const [first] = proxies
  if (first === undefined) throw new RangeError('there is no proxy')
  if ('path' in address) throw proxyFailed(first, 'cannot lead to a unix socket')
  const link = await reach(first)
  let stream = link.stream
  try {
    for (const [index, proxy] of proxies.entries()) {
      const next = proxies[index + 1]
      const target = next === undefined ? targetOf(address) : targetOf(next, `the proxy ${next.url}`)
      stream = await passThrough(stream, { proxy, target, signal })
    }
    return stream === link.stream ? link : onTop(stream, link)
  } catch (error) {
    stream.destroy()
    await link.close()
    throw error
  }
}

function targetOf(address: { readonly host: string; readonly port: number }, name?: string): ProxyTarget {
  const { host, port } = address
  return { host, port, name: name ?? formatAddress({ host, port }), isProxy: name !== undefined }
}

/** The stream behind the proxy, which is another one where it speaks TLS. */
async function passThrough(stream: Duplex, exchange: Omit<ProxyExchange, 'login'>): Promise<Duplex> {
  const { proxy, signal } = exchange
  let inner = stream
  try {
    const login = await loginOf(proxy, signal)
    if (proxy.protocol === 'https') inner = await secure(stream, exchange)
    if (proxy.protocol === 'socks5') await connectBySocks5(inner, { ...exchange, login })
    else await connectByHttp(inner, { ...exchange, login })
    return inner
  } catch (error) {
    inner.destroy()
    throw exchangeFailed(proxy, error, signal)
  }
}

async function loginOf(proxy: ProxySpec, signal: AbortSignal): Promise<ProxyExchange['login']> {
  if (proxy.credentials === undefined) return undefined
  const { user, password: given } = proxy.credentials
  if (typeof given === 'string') return { user, password: given }
  const password = await interruptible(askFor(given, proxy), signal)
  if (typeof password !== 'string') throw proxyFailed(proxy, 'has no password: the function gave none')
  return { user, password }
}

async function askFor(given: () => string | Promise<string>, proxy: ProxySpec): Promise<string> {
  try {
    return await given()
  } catch (error) {
    throw proxyFailed(proxy, 'has no password: the function that gives it failed', { cause: error })
  }
}

function secure(stream: Duplex, { proxy, signal }: Omit<ProxyExchange, 'login'>): Promise<Duplex> {
  const { ca, cert, key, serverName = proxy.host } = proxy.tls ?? {}
  const tls = connectTls({
    socket: stream,
    ...(isIP(serverName) === 0 ? { servername: serverName } : { host: serverName }),
    ...(ca === undefined ? {} : { ca: typeof ca === 'string' || Buffer.isBuffer(ca) ? ca : [...ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  })
  return new Promise<Duplex>((resolve, reject) => {
    const settle = (act: () => void): void => {
      signal.removeEventListener('abort', aborted)
      tls.off('secureConnect', opened).off('close', closed)
      act()
    }
    const opened = (): void => settle(() => resolve(tls))
    const failed = (error: Error): void => settle(() => reject(withoutTls(proxy, error)))
    const closed = (): void => failed(new Error('the connection was closed'))
    const aborted = (): void => settle(() => reject(signal.reason))
    // It stays until the end: no error of a stream may find nobody who listens.
    tls.on('error', failed)
    tls.once('secureConnect', opened).once('close', closed)
    signal.addEventListener('abort', aborted)
    if (signal.aborted) aborted()
  }).catch((error: unknown) => {
    tls.destroy()
    throw error
  })
}

function withoutTls(proxy: ProxySpec, error: Error): SallyportError {
  const code = 'code' in error ? ` (${String(error.code)})` : ''
  return proxyFailed(proxy, `could not be spoken to by TLS: ${error.message}${code}`, { cause: error })
}

/** A link whose stream is within that of another. */
function onTop(stream: Duplex, below: Link): Link {
  stream.on('error', () => {})
  stream.once('close', () => below.stream.destroy())
  below.stream.once('close', () => stream.destroy())
  const { ref, unref } = stream as Partial<Refable>
  return {
    stream,
    description: below.description,
    ref: () => {
      below.ref()
      ref?.call(stream)
    },
    unref: () => {
      below.unref()
      unref?.call(stream)
    },
    close: async () => {
      stream.destroy()
      await below.close()
    },
  }
}
