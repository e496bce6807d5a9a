// A connection from this machine, for what the far side of a remote forward is joined with. Names are looked up here.

import { connect, type Socket } from 'node:net'
import { type Address, formatAddress } from '../dialer.js'
import type { ErrorCode } from '../error-codes.js'
import { SallyportError } from '../errors.js'
import { printable } from '../printable.js'

/** How long one address of a name may take while there are others, in milliseconds; the last one has what the system gives it. */
const eachAddressMs = 5000

/**
 * Connects to a host, by whichever of its addresses of both families answers first in order, or to a unix socket.
 * Rejects with NAME_NOT_FOUND, CONNECTION_REFUSED or CONNECTION_FAILED, whose cause is the system's error, or with the
 * signal's reason.
 */
export function dialHere(to: Address, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const socket = connect({
      ...to,
      allowHalfOpen: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: eachAddressMs,
    })
    socket.on('error', (error) => settle(() => reject(failure(to, error))))
    const settle = (how: () => void): void => {
      signal.removeEventListener('abort', onAbort)
      how()
    }
    const onAbort = (): void =>
      settle(() => {
        socket.destroy()
        reject(signal.reason)
      })
    signal.addEventListener('abort', onAbort)
    socket.once('connect', () =>
      settle(() => {
        if ('port' in to) socket.setNoDelay(true)
        resolve(socket)
      }),
    )
  })
}

const codes: Readonly<Partial<Record<string, ErrorCode>>> = {
  ECONNREFUSED: 'CONNECTION_REFUSED',
  ENOTFOUND: 'NAME_NOT_FOUND',
  EAI_AGAIN: 'NAME_NOT_FOUND',
}

function failure(to: Address, cause: Error): SallyportError {
  // Of several addresses the last one speaks for all.
  const last: unknown = cause instanceof AggregateError ? cause.errors.at(-1) : cause
  const system = String(Reflect.get(last instanceof Error ? last : cause, 'code') ?? cause.message)
  const what = `could not connect from here to ${printable(formatAddress(to))}: ${printable(system)}`
  return new SallyportError(codes[system] ?? 'CONNECTION_FAILED', what, {
    phase: 'dial',
    cause: last,
  })
}
