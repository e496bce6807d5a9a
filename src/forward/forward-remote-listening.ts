// The listening of a remote forward: begun, lost, begun again, ended. It holds the connection's work while it listens.
// Which failures end it is told in try-again.ts, and what becomes of a connection in forward-remote-join.ts.

import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { reportWarning } from '../diagnostics.js'
import type { Address, CallOptions, ListenAddress } from '../dialer.js'
import { SallyportError } from '../errors.js'
import type { Acquire, Lease } from '../hops/lease.js'
import type { RemoteListener } from '../wire/wire.js'
import type { Forward } from './forward.js'
import { type Joining, joinIncoming } from './forward-remote-join.js'
import { ForwardWork } from './forward-work.js'
import { isOpenToOthers, shownListen } from './listen/listen-addresses.js'
import { type PermitCheck, readPermit } from './proxy/permit.js'
import { canMendItself, pauseMs } from './try-again.js'
import { withinTime } from './within-time.js'

export interface RemoteListeningOptions {
  readonly listen: ListenAddress
  readonly whenLost: 'listen again' | 'close'
  readonly to: Address | undefined
  /** Default: as the host's setting says. */
  readonly permit: PermitCheck | undefined
  readonly handshakeTimeoutMs: number
  /** The pause before the n-th attempt to listen again, counted from 0. Default: as of try-again.ts. */
  readonly pauseMs?: (attempt: number) => number
}

/** How often the port that the host chose is asked for before another one will do. */
const samePortAttempts = 3

/** One stretch of listening, on one session. */
interface Stretch {
  readonly lease: Lease
  readonly listener: RemoteListener
}

export class RemoteListening {
  readonly #acquire: Acquire
  readonly #options: RemoteListeningOptions
  #work: ForwardWork | undefined
  #stretch: Stretch | undefined
  /** Settles when nothing begins any more. */
  #watching: Promise<void> = Promise.resolve()
  #hasWarned = false
  /** Connections that came with the answer, before there was a forward to count them. */
  readonly #early: ((work: ForwardWork) => void)[] = []

  constructor(acquire: Acquire, options: RemoteListeningOptions) {
    this.#acquire = acquire
    this.#options = options
  }

  /** Listens for the first time. Rejects when that fails. */
  async begin({ signal, timeoutMs }: CallOptions): Promise<Forward> {
    const first = await this.#listen(this.#options.listen, { signal, timeoutMs })
    this.#stretch = first
    const work = new ForwardWork({
      kind: 'remote',
      hop: first.lease.hop,
      addresses: [shownAddress(first.listener.address)],
      to: this.#options.to,
      stopListening: () => this.#stop(),
      signal,
    })
    this.#work = work
    this.#watching = this.#watch(work, first)
    for (const take of this.#early.splice(0)) take(work)
    return work.forward
  }

  async #listen(listen: ListenAddress, options: CallOptions): Promise<Stretch> {
    const startedAt = performance.now()
    const lease = await this.#acquire(options)
    try {
      this.#warn(lease)
      const joining = this.#joining(lease)
      const { signal, timeoutMs } = options
      const leftMs = timeoutMs === undefined ? undefined : startedAt + timeoutMs - performance.now()
      const listener = await withinTime({ hop: lease.hop, signal, timeoutMs, leftMs }, (ending) =>
        lease.session.listen(
          {
            address: wireAddress(listen),
            onConnection: (incoming) => {
              const take = (work: ForwardWork): void => void joinIncoming(work, incoming, joining)
              if (this.#work === undefined) this.#early.push(take)
              else take(this.#work)
            },
          },
          ending,
        ),
      )
      return { lease, listener }
    } catch (error) {
      lease.release()
      throw error
    }
  }

  #joining({ hop, session, terms }: Lease): Joining {
    const { to, permit, handshakeTimeoutMs, listen } = this.#options
    const gone = new AbortController()
    // As many listen as connections are being led at once.
    setMaxListeners(0, gone.signal)
    void session.ended.then((reason) => gone.abort(reason))
    return {
      hop,
      to,
      handshakeTimeoutMs,
      listensOn: shownAddress(wireAddress(listen)),
      permit: permit ?? readPermit(terms.forwarding.permitRemoteOpen, 'setting permitRemoteOpen'),
      gone: gone.signal,
    }
  }

  /** Follows the session, and begins again when it is lost, until the forward is closed. Never rejects. */
  async #watch(work: ForwardWork, first: Stretch): Promise<void> {
    let stretch: Stretch | undefined = first
    while (stretch !== undefined) {
      const lease: Lease = stretch.lease
      const error: SallyportError = await Promise.race([lease.session.ended, aborted(work.signal)])
      if (work.signal.aborted) return
      lease.release()
      this.#stretch = undefined
      work.lost(error)
      const isOver: boolean = this.#options.whenLost === 'close' || error.code === 'CLOSED'
      stretch = isOver ? undefined : await this.#listenAgain(work)
      if (work.signal.aborted) return
    }
    void work.close()
  }

  /** Tries until it listens again, or never will: then `undefined`. */
  async #listenAgain(work: ForwardWork): Promise<Stretch | undefined> {
    const { signal } = work
    let refusals = 0
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await pause((this.#options.pauseMs ?? pauseMs)(attempt), undefined, { signal })
        const stretch = await this.#listen(this.#wanted(work, refusals), { signal })
        this.#stretch = stretch
        // It may have been closed while the answer was on its way here: #stop has it now.
        if (!signal.aborted) work.listening([shownAddress(stretch.listener.address)])
        return stretch
      } catch (error) {
        if (signal.aborted) return undefined
        const failure = asOurs(error)
        if (failure.code === 'FORWARD_REFUSED') refusals += 1
        work.lost(failure)
        if (!canMendItself(failure)) return undefined
      }
    }
    return undefined
  }

  #wanted({ addresses: [address] }: ForwardWork, refusals: number): ListenAddress {
    const { listen } = this.#options
    if ('path' in listen || listen.port !== 0 || refusals >= samePortAttempts) return listen
    return address !== undefined && 'port' in address ? { ...listen, port: address.port } : listen
  }

  async #stop(): Promise<void> {
    await this.#watching
    const stretch = this.#stretch
    this.#stretch = undefined
    await stretch?.listener.close()
    stretch?.lease.release()
  }

  #warn({ hop }: Lease): void {
    const { listen } = this.#options
    if (this.#hasWarned || !isOpenToOthers(listen)) return
    this.#hasWarned = true
    const message = `is asked to listen where others can connect: ${shownListen(listen)}; its GatewayPorts decides whether it does`
    reportWarning({ hop, message })
  }
}

/** In the server's words: RFC 4254 7.1. */
function wireAddress(listen: ListenAddress): Address {
  if ('path' in listen) return listen
  const { host = 'localhost', port } = listen
  return { host: host === '*' ? '' : host, port }
}

function shownAddress(address: Address): Address {
  return 'host' in address && address.host === '' ? { ...address, host: '*' } : address
}

function aborted(signal: AbortSignal): Promise<SallyportError> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason)
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true })
  })
}

function asOurs(error: unknown): SallyportError {
  if (error instanceof SallyportError) return error
  return new SallyportError('CONNECTION_FAILED', 'the forward could not listen again', { cause: error })
}
