// The checks of the values that callers in JavaScript can get wrong. Programming mistakes: TypeError, before any work.

import type { CallOptions } from './dialer.js'

/** Throws a TypeError that names the option unless `holds`. */
export function checkOption(name: string, holds: boolean, what: string): void {
  if (!holds) throw new TypeError(`option ${name}: must be ${what}`)
}

/** Refuses options that are no object, and names that are not in `table`, so that a misspelt option is no silent one. */
export function checkNames(options: unknown, table: Readonly<Record<string, true>>): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('options: must be an object')
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(table, name)) throw new TypeError(`there is no option ${JSON.stringify(name)}`)
  }
}

/** The names of {@link CallOptions}. */
export const callOptionNames = { signal: true, timeoutMs: true } as const satisfies Record<
  keyof CallOptions,
  true
>

/** The options of a call that has no others. */
export function checkCallOptions(options: CallOptions): void {
  checkNames(options, callOptionNames)
  checkSignal(options.signal)
  checkDuration('timeoutMs', options.timeoutMs)
}

/** Where a stream can lead: a host and a port, or a path. Control characters would be lies in logs, if not worse. */
export function checkAddress(address: unknown): void {
  if (typeof address !== 'object' || address === null) {
    throw new TypeError('address: must be { host, port } or { path }')
  }
  const isName = (value: unknown): boolean =>
    typeof value === 'string' && value !== '' && !/\p{Cc}/u.test(value)
  if ('path' in address) {
    if (!isName(address.path)) throw new TypeError('address: path must be text without control characters')
    return
  }
  const { host, port } = address as { readonly host?: unknown; readonly port?: unknown }
  if (!isName(host)) throw new TypeError('address: host must be text without control characters')
  if (!(Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535)) {
    throw new TypeError('address: port must be a whole number from 1 to 65535')
  }
}

/** Milliseconds that a timer can hold. */
export function checkDuration(name: string, value: unknown): void {
  const holds = typeof value === 'number' && value >= 0 && value <= 2 ** 31 - 1
  checkOption(name, value === undefined || holds, 'milliseconds from 0 to 2147483647')
}

export function checkSignal(value: unknown): void {
  checkOption('signal', value === undefined || value instanceof AbortSignal, 'an AbortSignal')
}

export function checkCount(name: string, value: unknown): void {
  const holds = Number.isSafeInteger(value) && (value as number) >= 0
  checkOption(name, value === undefined || holds, 'a whole number, not negative')
}

export function checkFunction(name: string, value: unknown): void {
  checkOption(name, value === undefined || typeof value === 'function', 'a function')
}

/** Anything with the method that makes it a stream of the wanted direction. */
export function checkStream(name: string, value: unknown, method: 'write' | 'read'): void {
  const holds =
    typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
  const what = method === 'write' ? 'a writable stream' : 'a readable stream'
  checkOption(name, value === undefined || holds, what)
}
