// The hop that the transports are told to name in their errors.

import type { HopRef } from '../../../src/errors.js'

export const hop: HopRef = { index: 1, count: 2, user: 'me', host: 'inner', port: 22, via: 'outer' }

/** What a promise rejects with. Throws when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('the promise was not rejected')
}
