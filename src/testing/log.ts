// What a host of the embedded network has seen, in order: the proof of what a program sent to whom, and what it did not.

/**
 * One thing that a host saw. `connection` numbers the host's connections from 1. Offered passwords are in it as they
 * came: it is for tests with made-up secrets.
 */
export type LogRecord = { readonly connection: number } & LogEvent

export type LogEvent =
  /** A connection came in: from `outside`, or from the gateway that is named. */
  | { readonly event: 'connected'; readonly from: string }
  | {
      readonly event: 'authentication'
      readonly user: string
      readonly method: string
      /** `acceptable`: the client asked about a public key without signing, and was told that it would do. */
      readonly outcome: 'accepted' | 'acceptable' | 'partial success' | 'refused'
      /** `SHA256:…` of the public key. */
      readonly fingerprint?: string
      readonly password?: string
      /** The answers to keyboard-interactive, all rounds. */
      readonly answers?: readonly string[]
    }
  | { readonly event: 'authenticated'; readonly user: string }
  /** A command, or a shell when `command` is undefined, was asked for. */
  | {
      readonly event: 'command'
      readonly user: string
      readonly command: string | undefined
      readonly env: Readonly<Record<string, string>>
      readonly pty?: { readonly term: string; readonly columns: number; readonly rows: number }
    }
  | { readonly event: 'subsystem'; readonly user: string; readonly name: string }
  | { readonly event: 'signal'; readonly name: string }
  | { readonly event: 'resize'; readonly columns: number; readonly rows: number }
  /** A channel to `address` was asked for. `reason` is that of a refusal (RFC 4254 5.1). */
  | {
      readonly event: 'channel'
      readonly address: string
      readonly outcome: string
      readonly reason?: number
    }
  | { readonly event: 'agent forwarding' }
  /** The client answered to a channel that it had not asked for. */
  | { readonly event: 'unasked channel'; readonly kind: string; readonly outcome: 'opened' | 'refused' }
  | { readonly event: 'ended' }

/** The records of one host. */
export class EventLog {
  readonly #records: LogRecord[] = []
  readonly #waiting = new Set<{
    readonly matches: (record: LogRecord) => boolean
    readonly settle: (result: LogRecord | Error) => void
  }>()
  #closed: Error | undefined

  get records(): readonly LogRecord[] {
    return this.#records
  }

  add(connection: number, event: LogEvent): void {
    const record = Object.freeze({ connection, ...event })
    this.#records.push(record)
    for (const wait of this.#waiting) {
      if (!wait.matches(record)) continue
      this.#waiting.delete(wait)
      wait.settle(record)
    }
  }

  /** The first record that matches, from the past or to come. Rejects when the log is closed first. */
  find(matches: (record: LogRecord) => boolean): Promise<LogRecord> {
    const past = this.#records.find(matches)
    if (past !== undefined) return Promise.resolve(past)
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    return new Promise((resolve, reject) => {
      this.#waiting.add({
        matches,
        settle: (result) => (result instanceof Error ? reject(result) : resolve(result)),
      })
    })
  }

  close(reason: Error): void {
    this.#closed = reason
    for (const wait of this.#waiting) wait.settle(reason)
    this.#waiting.clear()
  }
}
