// The options of a socket that opens by itself, and their check.

import { callOptionNames, checkCallOptions, checkNames, checkOption } from '../option-check.js'

export interface SocketOptions {
  /** Destroys the socket, at any time of its life, with an `AbortError`. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the opening of the socket and of the way to it; then it fails with `ETIMEDOUT`. */
  readonly timeoutMs?: number | undefined
  /** Keep it writable when the other side has ended, as of net.Socket. Default false. */
  readonly allowHalfOpen?: boolean | undefined
}

const names = { ...callOptionNames, allowHalfOpen: true } as const satisfies Record<keyof SocketOptions, true>

/** Throws a TypeError for what is none of {@link SocketOptions}. */
export function checkSocketOptions(options: SocketOptions): void {
  checkNames(options, names)
  const { allowHalfOpen, ...call } = options
  checkCallOptions(call)
  const holds = allowHalfOpen === undefined || typeof allowHalfOpen === 'boolean'
  checkOption('allowHalfOpen', holds, 'true or false')
}
