// `sallyport shell`: this terminal joined to a shell on the host; or, with -W, its standard input and output to a stream
// from there; or, with -N, nothing but forwards.

import { hasFlag, type Invocation } from './command-line.js'
import { drain, openForwards, targetSettings } from './configured-forwards.js'
import { findStreamAddress } from './forward-flags.js'
import { exitCodeOf } from './run.js'
import { withConnection } from './with-connection.js'

export async function shell(invocation: Invocation): Promise<number> {
  const address = findStreamAddress(invocation)
  return withConnection(invocation, async (connection, { interruption }) => {
    const { signal } = interruption
    const forwards = await openForwards(connection, signal)
    if (address !== undefined) {
      const { joinStream } = await import('./join-stream.js')
      return joinStream(connection, address, { interruption, until: 'they have ended' })
    }
    const settings = await targetSettings(connection, signal)
    if (hasFlag(invocation, '-N') || settings?.sessionType === 'none') {
      await (await import('./stay.js')).stayOpen(connection, signal)
      return 0
    }
    const end = await connection.shell({ signal })
    await drain(forwards, signal)
    return exitCodeOf(end, connection.host)
  })
}
