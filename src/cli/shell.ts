// `sallyport shell`: this terminal joined to a shell on the host.

import type { Invocation } from './command-line.js'
import { exitCodeOf } from './run.js'
import { withConnection } from './with-connection.js'

export function shell(invocation: Invocation): Promise<number> {
  return withConnection(invocation, async (connection, { interruption: { signal } }) =>
    exitCodeOf(await connection.shell({ signal }), connection.host),
  )
}
