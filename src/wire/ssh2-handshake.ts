// From an open stream to an authenticated session: ssh2's client driven by our plan. One settlement, whatever happens.

import type { Duplex } from 'node:stream'
import { type AuthHandlerMiddleware, Client, type NegotiatedAlgorithms as Ssh2Algorithms } from 'ssh2'
import { abortError } from '../aborted.js'
import type { NegotiatedAlgorithms } from '../diagnostics.js'
import { ConnectError, type Phase, SallyportError } from '../errors.js'
import { fingerprintOf } from '../fingerprint.js'
import { findServerAlgorithms, offeredAlgorithms, type ServerAlgorithms } from './algorithms.js'
import { HopStream } from './hop-stream.js'
import { Authentication } from './ssh2-authentication.js'
import { ignoreHostKeyUpdates, reportEveryDisconnect, usesStrictKex } from './ssh2-engine.js'
import { streamEnded, translateClientError } from './ssh2-errors.js'
import { forwardedAgent } from './ssh2-forwarded-agent.js'
import { Ssh2Session } from './ssh2-session.js'
import type { HandshakePlan, OfferedHostKey, Session, SessionDetails } from './wire.js'

/** {@link Wire.handshake} with ssh2. */
export function handshake(carrier: Duplex, plan: HandshakePlan): Promise<Session> {
  return new Handshake(carrier, plan).result
}

class Handshake {
  readonly result: Promise<Session>
  readonly #plan: HandshakePlan
  readonly #client = new Client()
  readonly #stream: HopStream
  readonly #authentication: Authentication
  readonly #offered
  #phase: Phase = 'version'
  #serverVersion = ''
  #server: ServerAlgorithms | undefined
  #negotiated: Ssh2Algorithms | undefined
  #bannerBytes = 0
  #settle: { resolve: (session: Session) => void; reject: (error: SallyportError) => void } | undefined

  constructor(carrier: Duplex, plan: HandshakePlan) {
    this.#plan = plan
    this.#offered = offeredAlgorithms(plan.algorithms)
    this.#stream = new HopStream(carrier, {
      onVersion: (line) => this.#onVersion(line),
      fail: (code, what, details) =>
        new ConnectError(code, what, { ...details, hop: plan.hop, phase: this.#phase }),
    })
    this.#authentication = new Authentication(plan, (error) => this.#fail(error))
    this.result = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    plan.signal.addEventListener('abort', this.#onAbort)
    if (plan.signal.aborted) this.#onAbort()
    else this.#begin()
  }

  #begin(): void {
    const client = this.#client
    const { forwardAgent } = this.#plan
    this.#enter('version')
    // Ahead of ssh2's own listener, which would mark our error as one of its own.
    this.#stream.on('error', (error) => this.#onError(error))
    client.on('error', (error) => this.#onError(error))
    client.on('end', () => this.#fail(streamEnded(this.#context())))
    client.on('close', () => this.#fail(streamEnded(this.#context())))
    client.once('handshake', (negotiated) => this.#onNegotiated(negotiated))
    client.on('banner', (text) => this.#onBanner(text))
    client.once('change password', (prompt) =>
      this.#fail(this.#authentication.passwordChangeRequired(prompt)),
    )
    client.once('ready', () => this.#onReady())
    try {
      client.connect({
        sock: this.#stream as never,
        username: this.#plan.user,
        algorithms: {
          kex: this.#offered.kex,
          serverHostKey: this.#offered.hostKey,
          cipher: this.#offered.cipher,
          hmac: this.#offered.mac,
          compress: this.#offered.compression,
        } as never,
        hostVerifier: (blob: Buffer, verify: (accepted: boolean) => void) =>
          void this.#verifyHostKey(blob, verify),
        authHandler: this.#authentication.handler as AuthHandlerMiddleware,
        readyTimeout: 0,
        keepaliveInterval: 0,
        // Not only OpenSSH forwards to unix sockets; a server that does not will say so.
        strictVendor: false,
        ...(forwardAgent === undefined ? {} : { agent: forwardedAgent(forwardAgent.socket) }),
      })
      this.#authentication.watch(client)
      ignoreHostKeyUpdates(client)
      reportEveryDisconnect(client)
      this.#watchKexInit()
    } catch (error) {
      this.#fail(translateClientError(error, this.#context()))
    }
  }

  #onVersion(line: string): void {
    this.#serverVersion = line.replace(/^SSH-[\d.]+-/, '')
    this.#plan.onLearned({ serverVersion: this.#serverVersion })
    this.#enter('key-exchange')
  }

  // What the server offers, for the errors. Nothing is decided by it.
  #watchKexInit(): void {
    let bytes = Buffer.alloc(0)
    const watch = (data: Buffer) => {
      bytes = Buffer.concat([bytes, data])
      if (this.#serverVersion === '' && bytes.length < 65_536) return
      const start = bytes.indexOf('\n', bytes.indexOf('SSH-')) + 1
      this.#server = findServerAlgorithms(bytes.subarray(start))
      if (this.#server === undefined && bytes.length < start + 40_000) return
      this.#stream.off('data', watch)
    }
    this.#stream.on('data', watch)
  }

  // The engine takes no keys into use before this has accepted the host key, in the first exchange and all later ones.
  async #verifyHostKey(blob: Buffer, verify: (accepted: boolean) => void): Promise<void> {
    if (this.#plan.requireStrictKex && !usesStrictKex(this.#client)) {
      const what = 'does not offer strict key exchange, which was required'
      this.#fail(new ConnectError('INSECURE_KEX', what, this.#context()))
      return
    }
    const before = this.#phase
    if (before !== 'session') this.#enter('host-key')
    try {
      await this.#plan.verifyHostKey(offeredHostKey(blob))
    } catch (error) {
      this.#fail(this.#hostKeyRefused(error))
      return
    }
    // It may have failed meanwhile: then nobody waits for the verdict, and no phase begins any more.
    if (this.#stream.destroyed) return
    if (before !== 'session') this.#enter('key-exchange')
    verify(true)
  }

  #hostKeyRefused(error: unknown): SallyportError {
    if (error instanceof SallyportError) return error
    return new ConnectError('HOST_KEY_REFUSED', 'the check of the host key failed', {
      hop: this.#plan.hop,
      phase: 'host-key',
      cause: error,
    })
  }

  #onNegotiated(negotiated: Ssh2Algorithms): void {
    this.#negotiated = negotiated
    if (this.#settle === undefined) return
    this.#plan.onLearned({ algorithms: this.#algorithms() })
    this.#enter('authentication')
  }

  // RFC 4252 5.4; bounded, because a server may send as many as it likes.
  #onBanner(text: string): void {
    const room = 65_536 - this.#bannerBytes
    this.#bannerBytes += text.length
    if (room > 0 && text !== '') this.#plan.onBanner(text.slice(0, room))
  }

  #onReady(): void {
    const settle = this.#takeSettle()
    if (settle === undefined) return
    this.#phase = 'session'
    this.#client.removeAllListeners('error').removeAllListeners('end').removeAllListeners('close')
    const { hop, forwardAgent, channelTimeoutMs } = this.#plan
    settle.resolve(
      new Ssh2Session(this.#client, this.#stream, {
        hop,
        details: this.#details(),
        forwardsAgent: forwardAgent?.isAllowed() === true,
        channelTimeoutMs,
      }),
    )
  }

  #details(): SessionDetails {
    return Object.freeze({ serverVersion: this.#serverVersion, ...this.#algorithms() })
  }

  #algorithms(): NegotiatedAlgorithms {
    const { kex = '', serverHostKey: hostKey = '', cs } = this.#negotiated ?? {}
    return Object.freeze({
      kex,
      hostKey,
      cipher: cs?.cipher ?? '',
      mac: cs?.mac ?? '',
      compression: cs?.compress ?? '',
      strictKex: usesStrictKex(this.#client),
    })
  }

  #onError(error: unknown): void {
    if (this.#authentication.isLocal(error)) return
    if (error instanceof SallyportError) Reflect.deleteProperty(error, 'level')
    const translated = translateClientError(error, this.#context())
    this.#fail(this.#authentication.explain(translated, this.#phase))
  }

  readonly #onAbort = (): void => {
    const { hop, signal } = this.#plan
    this.#fail(abortError(signal.reason, { hop, phase: this.#phase }))
  }

  // Once the session is open, it ends with the error: the stream takes it there.
  #fail(error: SallyportError): void {
    const settle = this.#takeSettle()
    if (settle === undefined) {
      this.#stream.destroy(error)
      return
    }
    settle.reject(error)
    this.#stream.destroy()
  }

  #takeSettle() {
    const settle = this.#settle
    this.#settle = undefined
    this.#plan.signal.removeEventListener('abort', this.#onAbort)
    return settle
  }

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#plan.onPhase(phase)
  }

  #context() {
    return { hop: this.#plan.hop, phase: this.#phase, offered: this.#offered, server: this.#server }
  }
}

function offeredHostKey(blob: Buffer): OfferedHostKey {
  const typeLength = blob.readUInt32BE(0)
  return {
    type: blob.toString('latin1', 4, 4 + typeLength),
    fingerprint: fingerprintOf(blob),
    blob: Buffer.from(blob),
  }
}
