// How long to wait before a busy server is tried again, and how often.

import { setTimeout as sleep } from 'node:timers/promises'

/** So many times a busy server is tried, the first time included. */
export const mostTries = 10

const firstMs = 100
const longestMs = 5000

/** Milliseconds after so many tries in vain: doubled each time, up to 5 seconds, and half as much more or less. */
export function backOffMs(tries: number): number {
  return Math.min(longestMs, firstMs * 2 ** (tries - 1)) * (0.5 + Math.random())
}

/** Waits so long. Rejects with the signal's reason. */
export async function backOff(tries: number, signal: AbortSignal): Promise<void> {
  await sleep(backOffMs(tries), undefined, { signal }).catch(() => signal.throwIfAborted())
}
