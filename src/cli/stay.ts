// A connection without a command: it stays until something ends it.

import { once } from 'node:events'
import type { Connection } from '../index.js'

const longestMs = 2_147_483_647

/** As `ssh -N`: opens the connection, and waits for its loss, which rejects, or for the signal. */
export async function stayOpen(connection: Connection, signal: AbortSignal): Promise<void> {
  await keepingAlive(async () => {
    await connection.open({ signal })
    const end = await Promise.race([connection.closed, aborted(signal)])
    if (end?.reason === 'lost') throw end.error
  })
}

/** Resolves when the signal is aborted. */
export async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort')
  return undefined
}

/** Keeps the process alive during the work: an idle connection does not. */
export async function keepingAlive<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, longestMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
