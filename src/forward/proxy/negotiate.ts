// The first words of a client of a proxy, on any stream: reads its request and no more, and gives its answer. Where the
// stream came from, whether the destination is permitted, and who opens it, is for others.

import type { Duplex } from 'node:stream'
import { SallyportError } from '../../errors.js'
import type { LoginCheck } from './proxy-auth.js'
import type { Destination } from './proxy-destination.js'
import { Conversation, type Heard, nothing, type ProxyRequest } from './proxy-dialogue.js'
import { proxyFailure } from './proxy-failure.js'
import { proxyRequest } from './proxy-request.js'

export interface NegotiateOptions {
  /** From `readProxyAuth`. Clients have to log in when it is there; SOCKS 4, which cannot, is refused then. */
  readonly login: LoginCheck | undefined
  /** Milliseconds for the client's whole request. */
  readonly handshakeTimeoutMs: number
  /** Aborted when the client is gone, or is to go. */
  readonly signal: AbortSignal
}

/** A client that waits for the answer to its request. One of `accept` and `refuse` is called, once. */
export interface Negotiated {
  readonly protocol: ProxyRequest['protocol']
  /** Where the client wants to go. Names are as it wrote them; nobody has looked them up. */
  readonly to: Destination
  /** Tells the client that it is connected. What it sent after its request is on the stream, unread. */
  accept(): void
  /** Tells the client that it is not, with its protocol's word for the error, and ends the stream. */
  refuse(error: unknown): void
}

/**
 * Reads the request of a client by SOCKS 4, 4a or 5 or HTTP CONNECT. The stream must allow half-closes, and nobody else
 * may read it meanwhile. What was read beyond the request is put back, and the end of the stream is left unread.
 * Rejects with PROXY_CLIENT_REFUSED, or TIMEOUT, when there is no such request or no login; the client then has its
 * protocol's answer, and the stream was ended. Rejects with the signal's reason.
 */
export async function negotiate(stream: Duplex, options: NegotiateOptions): Promise<Negotiated> {
  const { protocol, to, granted, refused } = await readRequest(stream, options)
  return {
    protocol,
    to,
    accept: () => void stream.write(granted),
    refuse: (error) => void stream.end(refused(proxyFailure(error))),
  }
}

function readRequest(stream: Duplex, options: NegotiateOptions): Promise<ProxyRequest> {
  const { login, handshakeTimeoutMs, signal } = options
  const conversation = new Conversation(proxyRequest(login))
  return new Promise((resolve, reject) => {
    const settle = (how: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      stream.off('readable', onReadable).off('end', onEnd).off('close', onEnd)
      how()
    }
    const turnAway = (error: SallyportError, reply: Buffer = nothing): void =>
      settle(() => {
        stream.end(reply)
        reject(error)
      })
    const onHeard = ({ reply, outcome }: Heard<ProxyRequest>): void => {
      if (outcome !== undefined && 'refused' in outcome) {
        turnAway(clientRefused(outcome.refused), reply)
        return
      }
      if (reply.length > 0) stream.write(reply)
      if (outcome === undefined) return
      if (outcome.rest.length > 0) stream.unshift(outcome.rest)
      settle(() => resolve(outcome.result))
    }
    const onReadable = (): void => {
      // A read of exactly what is there leaves the end of the stream to whoever comes next.
      const piece: unknown = stream.read(stream.readableLength || undefined)
      if (Buffer.isBuffer(piece)) onHeard(conversation.hear(piece))
    }
    const onEnd = (): void => turnAway(clientRefused('left before its request was complete'))
    const onAbort = (): void => settle(() => reject(signal.reason))
    const timer = setTimeout(() => {
      const what = `the client of the proxy sent no complete request within ${handshakeTimeoutMs} ms`
      turnAway(new SallyportError('TIMEOUT', what))
    }, handshakeTimeoutMs)
    signal.addEventListener('abort', onAbort)
    stream.on('readable', onReadable).on('end', onEnd).on('close', onEnd)
    if (signal.aborted) onAbort()
    else if (stream.destroyed) onEnd()
  })
}

function clientRefused(what: string): SallyportError {
  return new SallyportError('PROXY_CLIENT_REFUSED', `the client of the proxy ${what}`)
}
