// The SFTP subsystem of a leased hop as a peer, from its start until the lease is given back, whatever ends it:
// the program, the server, the connection, or a broken protocol.

import { once } from 'node:events'
import { reportChannel } from '../diagnostics.js'
import { type HopRef, SallyportError } from '../errors.js'
import type { Lease } from '../hops/lease.js'
import { interruptible } from '../interruptible.js'
import { printable } from '../printable.js'
import type { ProcessEnd, RemoteProcess } from '../wire/wire.js'
import { Conversation } from './conversation.js'
import { HandleSlots } from './handle-slots.js'
import { defaultLimits, type Limits, limitsRequest } from './limits.js'
import { linkedController } from './linked-controller.js'
import type { Peer } from './peer.js'
import { extension } from './protocol/numbers.js'

/** What is kept of what the subsystem prints as errors. */
const stderrTailBytes = 4096
/** How long an end of the output may go before the exit status. */
const exitStatusMs = 1000

export class Subsystem implements Peer {
  readonly hop: HopRef
  readonly slots = new HandleSlots()
  readonly conversation: Conversation
  extensions: ReadonlyMap<string, string> = new Map()
  limits: Promise<Limits> = Promise.resolve(defaultLimits)
  readonly #lease: Lease
  readonly #process: RemoteProcess
  readonly #startedAt = performance.now()
  #stderr = ''
  readonly #ended = linkedController(undefined)

  /**
   * OpenSSH has always had the two of SSH_FXP_SYMLINK the other way round than the draft has them (PROTOCOL, 4.1), and
   * other servers follow it. AsyncSSH, as of 2.10, does so only for clients that call themselves OpenSSH or paramiko;
   * once it does so for all, the tests of links on its server fail, and this can go.
   */
  get symlinkOrder(): 'target first' | 'link first' {
    return this.#lease.session.details.serverVersion.startsWith('AsyncSSH_') ? 'link first' : 'target first'
  }

  /** Takes the lease and the process over. */
  constructor(lease: Lease, process: RemoteProcess) {
    this.hop = lease.hop
    this.#lease = lease
    this.#process = process
    for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', () => {})
    process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrTailBytes)
    })
    this.conversation = new Conversation(process, { hop: this.hop, onBroken: (error) => this.end(error) })
    void this.#watchEnd()
    reportChannel({ hop: this.hop, kind: 'sftp', state: 'open', durationMs: 0 })
  }

  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /** Learns what the server can do. Rejects with SFTP_UNAVAILABLE; the caller ends it then. */
  async begin(signal: AbortSignal): Promise<void> {
    const { extensions } = await this.conversation.begin(signal)
    this.extensions = extensions
    if (!extensions.has(extension.limits)) return
    // Whoever needs the limits waits for them; whatever else there is to do need not.
    this.limits = this.conversation.ask(limitsRequest).then(
      (limits) => {
        this.slots.limit(limits.handles)
        return limits
      },
      () => defaultLimits,
    )
  }

  /** Ends everything with this reason and gives the lease back, once. */
  end(reason: SallyportError): void {
    if (this.ended.aborted) return
    this.conversation.end(reason)
    this.slots.end(reason)
    this.#ended.abort(reason)
    this.#process.close()
    this.#lease.release()
    const { hop } = this
    const error = reason.code === 'CLOSED' ? undefined : reason
    reportChannel({
      hop,
      kind: 'sftp',
      state: 'closed',
      durationMs: performance.now() - this.#startedAt,
      error,
    })
  }

  async #watchEnd(): Promise<void> {
    const { stdout, end } = this.#process
    const lost = new AbortController()
    const outcome = end.then(
      (ending) => this.#early(ending),
      (error: unknown) => error,
    )
    const ended = stdout.readableEnded ? Promise.resolve() : once(stdout, 'end', { signal: lost.signal })
    // Without the end of the channel, that of the output is enough: nothing more can be answered.
    const silent = ended.then(() => this.#waitForStatus(outcome)).catch(() => outcome)
    const reason = await Promise.race([outcome, silent])
    lost.abort()
    this.end(reason instanceof SallyportError ? reason : this.#early(undefined))
  }

  async #waitForStatus(outcome: Promise<unknown>): Promise<unknown> {
    const limit = new AbortController()
    const clock = setTimeout(() => limit.abort(this.#early(undefined)), exitStatusMs)
    return interruptible(outcome, limit.signal)
      .catch((reason: unknown) => reason)
      .finally(() => clearTimeout(clock))
  }

  #early(end: ProcessEnd | undefined): SallyportError {
    const status = end?.exitCode ?? end?.signal
    const how = status === undefined || status === null ? '' : ` with ${status}`
    const tail = printable(this.#stderr, stderrTailBytes)
    const why = tail === '' ? '' : `: ${tail}`
    const where = { hop: this.hop, phase: 'session' } as const
    if (this.conversation.hasBegun) {
      const what = `the SFTP server ended the session${how}${why}`
      return new SallyportError('CONNECTION_LOST', what, where)
    }
    return new SallyportError('SFTP_UNAVAILABLE', `the SFTP server ended${how} before it began${why}`, where)
  }
}
