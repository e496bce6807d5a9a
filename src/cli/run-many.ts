// `sallyport run -H`: one command on many hosts.

import type { Invocation } from './command-line.js'

export async function runMany(_invocation: Invocation): Promise<number> {
  throw new Error('not there yet')
}
