// What must be told when a session ends: its open channels, its pending requests and its listeners. ssh2 does not tell
// them all: an unanswered request of its stays pending for ever.

import type { Duplex } from 'node:stream'
import type { SallyportError } from '../errors.js'

type Tell = (reason: SallyportError) => void

export class Tenants {
  readonly #tells = new Set<Tell>()
  #reason: SallyportError | undefined

  /** Why the session has ended; `undefined` while it lasts. */
  get reason(): SallyportError | undefined {
    return this.#reason
  }

  /** Adds one that is told of the end, once; at once when it is over. The returned function takes it out again. */
  add(tell: Tell): () => void {
    if (this.#reason === undefined) this.#tells.add(tell)
    else tell(this.#reason)
    return () => void this.#tells.delete(tell)
  }

  /** Adds `lose` until the stream is closed. */
  adopt(stream: Duplex, lose: Tell): void {
    stream.once('close', this.add(lose))
  }

  /** The session has ended. Only the first call counts. */
  settle(reason: SallyportError): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    const tells = [...this.#tells]
    this.#tells.clear()
    for (const tell of tells) tell(reason)
  }
}
