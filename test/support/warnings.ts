// The warnings that the library gives while something is done.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { WarningEvent } from '../../src/index.js'

/** The messages of the warnings that were given until `work` settled; rejects when it does. */
export async function warningsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  const warnings: string[] = []
  const listen = (event: unknown): void => void warnings.push((event as WarningEvent).message)
  subscribe('sallyport:warning', listen)
  try {
    await work()
  } finally {
    unsubscribe('sallyport:warning', listen)
  }
  return warnings
}
