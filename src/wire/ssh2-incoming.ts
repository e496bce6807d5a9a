// One connection that a listening server hands over, until it is decided on: accepted or refused, once, by the callee,
// or refused by the end of what it came in by.

import type { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { SallyportError } from '../errors.js'
import type { OfferedChannel } from './ssh2-engine-forwards.js'
import type { IncomingConnection } from './wire.js'

export interface IncomingChannelOptions {
  /** Makes the stream of the channel, within ssh2's own call. */
  readonly accepted: (channel: ClientChannel) => Duplex
  /** Told once, just before it is accepted or refused. */
  readonly decided: () => void
}

export class IncomingChannel implements IncomingConnection {
  readonly from: IncomingConnection['from']
  readonly #channel: OfferedChannel
  readonly #options: IncomingChannelOptions
  /** Why it cannot be accepted any more. */
  #over: SallyportError | undefined

  constructor(channel: OfferedChannel, options: IncomingChannelOptions) {
    this.from = channel.from
    this.#channel = channel
    this.#options = options
  }

  accept(): Duplex {
    if (this.#over !== undefined) throw this.#over
    this.#decide(new SallyportError('CLOSED', 'the connection was accepted or refused before'))
    return this.#options.accepted(this.#channel.accept())
  }

  refuse(): void {
    this.end(new SallyportError('CLOSED', 'the connection was refused'))
  }

  /** Refuses it unless it is decided; then `accept` throws `reason`. */
  end(reason: SallyportError): void {
    if (this.#over !== undefined) return
    this.#decide(reason)
    try {
      this.#channel.refuse()
    } catch {
      // The session is gone: there is nobody left to be told.
    }
  }

  #decide(reason: SallyportError): void {
    this.#over = reason
    this.#options.decided()
  }
}
