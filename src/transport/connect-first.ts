// Connects to the first of several addresses that answers (RFC 8305): a new attempt every 250 ms, or as soon as
// one has failed, while the earlier ones go on. node:net's autoSelectFamily is not used: it gives an attempt up
// after 250 ms, so that a slow address counts as a dead one (tried with Node 20.20).

import { connect, isIP, type Socket } from 'node:net'
import type { LocalAddresses } from './find-local-addresses.js'

const staggerMs = 250
const keepAliveDelayMs = 60_000

export interface Target {
  /** Numeric addresses, the best first. */
  readonly addresses: readonly string[]
  readonly port: number
  readonly signal: AbortSignal
  /** Where to leave from; has the version of each address, where it is given. */
  readonly localAddresses?: LocalAddresses | undefined
  readonly keepAlive: boolean
}

/**
 * Resolves to a connected socket, with TCP_NODELAY on, that has a listener for errors. Rejects with an
 * AggregateError of one error per address, or, at once and with all sockets destroyed, with the signal's reason.
 */
export function connectFirst(target: Target): Promise<Socket> {
  const { addresses, port, signal, localAddresses, keepAlive } = target
  return new Promise((resolve, reject) => {
    const waiting = [...addresses]
    const trying = new Set<Socket>()
    const failures: Error[] = []
    let stagger: NodeJS.Timeout | undefined

    const finish = (settle: () => void): void => {
      clearTimeout(stagger)
      signal.removeEventListener('abort', onAbort)
      for (const socket of trying) socket.destroy()
      trying.clear()
      settle()
    }
    const onAbort = (): void => finish(() => reject(signal.reason))

    const tryNext = (): void => {
      clearTimeout(stagger)
      const host = waiting.shift()
      if (host === undefined) {
        if (trying.size === 0) finish(() => reject(new AggregateError(failures)))
        return
      }
      if (waiting.length > 0) stagger = setTimeout(tryNext, staggerMs)
      const localAddress = localAddresses?.get(isIP(host))
      const socket = connect({
        host,
        port,
        ...(localAddress === undefined ? {} : { localAddress }),
        autoSelectFamily: false,
        noDelay: true,
        keepAlive,
        keepAliveInitialDelay: keepAliveDelayMs,
      })
      trying.add(socket)
      socket.on('error', (error) => {
        if (!trying.delete(socket)) return
        failures.push(error)
        tryNext()
      })
      socket.once('connect', () => {
        if (trying.delete(socket)) finish(() => resolve(socket))
      })
    }

    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort)
    tryNext()
  })
}
