// `sallyport nc`: a stream through a gateway on standard input and output, as a ProxyCommand of ssh needs it.

import type { Invocation } from './command-line.js'
import { streamAddress } from './forward-flags.js'
import { joinStream } from './join-stream.js'
import { withConnection } from './with-connection.js'

export async function nc(invocation: Invocation): Promise<number> {
  const address = streamAddress(invocation)
  return withConnection(invocation, (connection, { interruption }) =>
    joinStream(connection, address, { interruption, until: 'both have ended' }),
  )
}
