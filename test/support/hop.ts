// The hop of a connection without its face: for tests of what works on leases and sessions.

import { chainOf } from '../../src/hops/chain.js'
import type { Acquire } from '../../src/hops/lease.js'
import type { Connection } from '../../src/index.js'

export interface TestHop extends AsyncDisposable {
  readonly acquire: Acquire
  /** Ends the hop as the program would. */
  close(): Promise<void>
}

/** A hop by the route of that connection, which has no gateway of a program's own. */
export async function hopOf(connection: Connection): Promise<TestHop> {
  const node = chainOf(await connection.resolve(), undefined)
  const close = () => node.close()
  return { acquire: (options) => node.acquire('work', options), close, [Symbol.asyncDispose]: close }
}
