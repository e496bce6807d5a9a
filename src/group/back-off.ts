// How long to wait before a busy server is tried again, and how often.

import { deferred } from '../deferred.js'
import { interruptible } from '../interruptible.js'

/** So many times a busy server is tried, the first time included. */
export const mostTries = 10

const firstMs = 100
const longestMs = 5000

/** Waits: for 100 ms after the first try in vain, doubled each time, up to 5 seconds; and half as much more or less. */
export async function backOff(tries: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = deferred<void>()
  const delayMs = Math.min(longestMs, firstMs * 2 ** (tries - 1)) * (0.5 + Math.random())
  const timer = setTimeout(resolve, delayMs)
  try {
    await interruptible(promise, signal)
  } finally {
    clearTimeout(timer)
  }
}
