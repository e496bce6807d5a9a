// The connection of a member, which several calls of a group may use at once: one that the group made is closed when the
// last of them has done its work; one that was passed in is left as it is.

import type { Connection } from '../connection.js'

export class MemberConnection {
  readonly connection: Connection
  readonly #isOurs: boolean
  #users = 0
  #closing: Promise<void> | undefined

  constructor(connection: Connection, { isOurs }: { readonly isOurs: boolean }) {
    this.connection = connection
    this.#isOurs = isOurs
  }

  /** Counts a user in, and waits until what the last one left is gone. Never rejects. */
  async enter(): Promise<void> {
    this.#users += 1
    await this.#closing
  }

  /** Counts a user out. Resolves when nothing is left, if it was the last one; never rejects. */
  async leave(): Promise<void> {
    this.#users -= 1
    if (!this.#isOurs || this.#users > 0) return
    const closing = this.connection.close().finally(() => {
      if (this.#closing === closing) this.#closing = undefined
    })
    this.#closing = closing
    await closing
  }
}
