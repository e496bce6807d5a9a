// What `socket.connect(...)` was given, in any of the ways that net.Socket takes it.

import type { Address } from '../dialer.js'
import { checkAddress } from '../option-check.js'

export interface ConnectArguments {
  readonly address: Address
  readonly onConnect: (() => void) | undefined
}

/**
 * Reads `(options, listener?)`, `(port, host?, listener?)` and `(path, listener?)` as net.Socket does; a port may be
 * text. Options that only a real socket could follow (`family`, `lookup`, `localAddress` …) are passed over: the gateway
 * connects. Throws a TypeError for what leads nowhere.
 */
export function readConnectArguments(given: readonly unknown[]): ConnectArguments {
  const [first, second] = given
  const last = given.at(-1)
  const address = addressOf(first, second)
  checkAddress(address)
  return { address, onConnect: typeof last === 'function' ? (last as () => void) : undefined }
}

function addressOf(first: unknown, second: unknown): Address {
  if (typeof first === 'object' && first !== null) {
    const { path, port, host } = first as { readonly [name: string]: unknown }
    if (path !== undefined && path !== null) return { path: path as string }
    return { host: (host || 'localhost') as string, port: portOf(port) }
  }
  const port = portOf(first)
  if (typeof first === 'string' && Number.isNaN(port)) return { path: first }
  return { host: typeof second === 'string' && second !== '' ? second : 'localhost', port }
}

function portOf(value: unknown): number {
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : (value as number)
}
