// One connection that the far side hands over: its other end is opened here first, so that a destination that refuses
// is told to its client as a refused connection; where the client is to say where it wants to go, it is heard before.

import type { Duplex } from 'node:stream'
import { reportChannel } from '../diagnostics.js'
import type { Address } from '../dialer.js'
import { type HopRef, SallyportError } from '../errors.js'
import type { IncomingConnection } from '../wire/wire.js'
import { dialHere } from './dial-here.js'
import type { ForwardWork } from './forward-work.js'
import { openForClient } from './proxy/open-for-client.js'
import type { PermitCheck } from './proxy/permit.js'

export interface Joining {
  readonly hop: HopRef
  /** Where the connections lead; without it their clients are asked. */
  readonly to: Address | undefined
  readonly permit: PermitCheck
  readonly handshakeTimeoutMs: number
  /** Where the far side listens. */
  readonly listensOn: Address
  /** Aborted when the session has ended. */
  readonly gone: AbortSignal
}

/** Takes a connection to its end, or refuses it. Never rejects. */
export async function joinIncoming(
  work: ForwardWork,
  incoming: IncomingConnection,
  joining: Joining,
): Promise<void> {
  if (joining.to === undefined) await serveClient(work, incoming, joining)
  else await lead(work, incoming, { ...joining, to: joining.to })
}

/** To the one destination that there is. */
async function lead(
  work: ForwardWork,
  incoming: IncomingConnection,
  joining: Joining & { readonly to: Address },
): Promise<void> {
  const connection = work.begin({ from: incoming.from })
  const told = tell(joining)
  connection.to = joining.to
  try {
    const here = await dialUnlessAborted(joining.to, [connection.signal, joining.gone])
    const there = accept(incoming, here)
    told.open(there)
    connection.join({ here, there })
  } catch (error) {
    incoming.refuse()
    told.refused(error)
    connection.refuse(error)
  }
}

/** By hand, because a signal remembers each one that `AbortSignal.any` has made of it (Node 20), and `gone` lives long. */
async function dialUnlessAborted(to: Address, signals: readonly AbortSignal[]): Promise<Duplex> {
  const ending = new AbortController()
  const onAbort = (): void => ending.abort(signals.find(({ aborted }) => aborted)?.reason)
  for (const signal of signals) signal.addEventListener('abort', onAbort)
  try {
    if (signals.some(({ aborted }) => aborted)) onAbort()
    return await dialHere(to, ending.signal)
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', onAbort)
  }
}

function accept(incoming: IncomingConnection, here: Duplex): Duplex {
  try {
    return incoming.accept()
  } catch (error) {
    here.destroy()
    throw error
  }
}

/** To where its client wants to go. */
async function serveClient(work: ForwardWork, incoming: IncomingConnection, joining: Joining): Promise<void> {
  const told = tell(joining)
  let there: Duplex
  try {
    there = incoming.accept()
  } catch (error) {
    // It went away with its session while the forward was not there yet.
    told.refused(error)
    return
  }
  told.open(there)
  const connection = work.begin({ from: incoming.from, stream: there })
  try {
    const here = await openForClient(there, connection, {
      login: undefined,
      handshakeTimeoutMs: joining.handshakeTimeoutMs,
      permits: joining.permit,
      dial: dialHere,
    })
    connection.join({ here, there })
  } catch (error) {
    connection.refuse(error)
  }
}

function tell({ hop, listensOn }: Joining) {
  const startedAt = performance.now()
  const told = { hop, kind: 'forwarded', address: listensOn } as const
  const elapsed = () => performance.now() - startedAt
  return {
    open(stream: Duplex): void {
      reportChannel({ ...told, state: 'open', durationMs: elapsed() })
      stream.once('close', () => reportChannel({ ...told, state: 'closed', durationMs: elapsed() }))
    },
    refused(error: unknown): void {
      if (error instanceof SallyportError)
        reportChannel({ ...told, state: 'refused', durationMs: elapsed(), error })
    },
  }
}
