// The words that every folder shares: where a stream can lead, and what every wait accepts.

import type { Duplex } from 'node:stream'

/** Where a stream leads: a TCP host and port, or the path of a unix socket. Names are resolved by whoever dials. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string }

/**
 * Where a forward listens: a port, or the path of a unix socket. Without a host, or with `localhost`, the loopback
 * addresses of both families; port 0 is any that is free.
 */
export type ListenAddress =
  | { readonly host?: string | undefined; readonly port: number }
  | { readonly path: string }

/** What every call that waits accepts. */
export interface CallOptions {
  /** Aborting it rejects the call with `AbortError` and releases whatever the call had begun. */
  readonly signal?: AbortSignal | undefined
  /**
   * Milliseconds for the whole call, from 0 to 2147483647; by default only the limits of the single phases apply.
   * `Infinity` is refused: leave the option out.
   */
  readonly timeoutMs?: number | undefined
}

/**
 * Anything that opens a stream to an address: a `Connection`, a proxy, a tunnel of your own.
 * `dial` resolves to an open stream, which the caller then owns and destroys.
 */
export interface Dialer {
  /** How routes and messages name it. Default `a dialer`. */
  readonly name?: string
  /**
   * The milliseconds that it may take by its own limits. Where a host says no `connectTimeoutMs`, its dialer has this time
   * in place of 10 s; from 0, which is no limit, to 2147483647.
   */
  readonly dialLimitMs?: number
  dial(address: Address, options?: CallOptions): Promise<Duplex>
}

/** An address as people write it: `db.internal:5432`, `[2001:db8::1]:22`, `/run/app.sock`. */
export function formatAddress(address: Address): string {
  if ('path' in address) return address.path
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}
