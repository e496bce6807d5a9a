// An authenticated ssh2 client as our Session. Settles everything that is open or pending the moment the session ends;
// how questions are asked is told in ssh2-answer.ts, and what the server listens on in ssh2-listen.ts.

import type { Duplex } from 'node:stream'
import type { Client, ClientChannel, PseudoTtyOptions } from 'ssh2'
import { reportWarning } from '../diagnostics.js'
import { type Address, formatAddress } from '../dialer.js'
import type { HopRef, SallyportError } from '../errors.js'
import type { HopStream } from './hop-stream.js'
import { QuickAck } from './quick-ack.js'
import { awaitAnswer } from './ssh2-answer.js'
import { ChannelStream, closeChannel } from './ssh2-channel.js'
import {
  announceCloses,
  requestChannel,
  sendIgnore,
  sendKeepalive,
  watchConfirmations,
} from './ssh2-engine.js'
import { watchWindows } from './ssh2-engine-windows.js'
import { brokenProtocol, streamEnded, translateClientError, unaskedConfirmation } from './ssh2-errors.js'
import { RemoteListeners } from './ssh2-listen.js'
import { ChannelProcess } from './ssh2-process.js'
import { isAgentForwardingRefused, sessionRefused, streamRefused } from './ssh2-refusals.js'
import { Tenants } from './ssh2-tenants.js'
import { widenWindow } from './ssh2-window.js'
import type {
  RemoteListener,
  RemoteListenRequest,
  RemoteProcess,
  Session,
  SessionDetails,
  StartRequest,
} from './wire.js'

/** How long a goodbye may take to leave, in milliseconds. */
const goodbyeMs = 250

export class Ssh2Session implements Session {
  readonly details: SessionDetails
  readonly ended: Promise<SallyportError>
  readonly #client: Client
  readonly #stream: HopStream
  readonly #hop: HopRef
  readonly #quickAck: QuickAck
  readonly #channelTimeoutMs: number
  readonly #tenants = new Tenants()
  readonly #listeners: RemoteListeners
  #forwardsAgent: boolean
  #settleEnded: (error: SallyportError) => void = () => {}

  constructor(
    client: Client,
    stream: HopStream,
    description: {
      readonly hop: HopRef
      readonly details: SessionDetails
      readonly forwardsAgent: boolean
      readonly channelTimeoutMs: number
    },
  ) {
    this.#client = client
    this.#stream = stream
    this.#hop = description.hop
    this.#quickAck = new QuickAck(stream, () => sendIgnore(client))
    this.details = description.details
    this.#forwardsAgent = description.forwardsAgent
    this.#channelTimeoutMs = description.channelTimeoutMs
    this.#listeners = new RemoteListeners({
      client,
      hop: this.#hop,
      tenants: this.#tenants,
      quickAck: this.#quickAck,
      answerTimeoutMs: this.#channelTimeoutMs,
    })
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve
    })
    const context = { hop: this.#hop, phase: 'session' } as const
    client.on('error', (error) => this.#finish(translateClientError(error, context)))
    client.on('end', () => this.#finish(streamEnded(context)))
    client.on('close', () => this.#finish(streamEnded(context)))
    watchConfirmations(client, () => this.#finish(unaskedConfirmation(context)))
    announceCloses(client)
    watchWindows(client, (how) => this.#finish(brokenProtocol(how, context)))
  }

  get lastReceivedAt(): number {
    return this.#stream.lastReceivedAt
  }

  async openStream(
    address: Address,
    { signal, towards }: { readonly signal: AbortSignal; readonly towards?: HopRef },
  ): Promise<Duplex> {
    const request = (done: OnChannel) => {
      if ('path' in address) this.#client.openssh_forwardOutStreamLocal(address.path, done)
      else this.#client.forwardOut('127.0.0.1', 0, address.host, address.port, done)
    }
    return this.#open(request, signal, {
      awaited: `answer to the opening of a channel to ${formatAddress(address)}`,
      // A hop that is being opened has a clock of its own.
      limitMs: towards === undefined ? this.#channelTimeoutMs : 0,
      opened: (channel) => {
        widenWindow(channel)
        const stream = new ChannelStream(channel, 'when ended')
        this.#tenants.adopt(stream, (error) => void stream.destroy(error))
        return stream
      },
      refused: (error) =>
        this.#tenants.reason ?? streamRefused(error, { gateway: this.#hop, address, towards }),
    })
  }

  async start(request: StartRequest, signal: AbortSignal): Promise<RemoteProcess> {
    try {
      return await this.#start(request, signal)
    } catch (error) {
      if (!isAgentForwardingRefused(error)) throw error
      // As ssh does, go on without it.
      this.#forwardsAgent = false
      reportWarning({ hop: this.#hop, message: 'does not allow the agent to be forwarded' })
      return this.#start(request, signal)
    }
  }

  #start(asked: StartRequest, signal: AbortSignal): Promise<RemoteProcess> {
    const { command, subsystem, env, pty, forwardsAgent = true } = asked
    const terminal: PseudoTtyOptions | undefined =
      pty === undefined ? undefined : { term: pty.term, cols: pty.columns, rows: pty.rows }
    const options = { env: { ...env }, agentForward: this.#forwardsAgent && forwardsAgent }
    const request = (done: OnChannel) => {
      if (subsystem !== undefined) this.#client.subsys(subsystem, done)
      else if (command === undefined) this.#client.shell(terminal ?? false, options, done)
      else this.#client.exec(command, terminal === undefined ? options : { ...options, pty: terminal }, done)
    }
    return this.#open(request, signal, {
      awaited: `answer to the request for a ${wanted(asked)}`,
      limitMs: this.#channelTimeoutMs,
      opened: (channel) => {
        widenWindow(channel)
        const process = new ChannelProcess(channel)
        this.#tenants.adopt(process.stdout, (error) => process.lose(error))
        this.#quickAck.during(process.end)
        return process
      },
      refused: (error) => this.#tenants.reason ?? sessionRefused(error, this.#hop),
    })
  }

  listen(request: RemoteListenRequest, signal: AbortSignal): Promise<RemoteListener> {
    return this.#listeners.listen(request, signal)
  }

  ping(): void {
    if (this.#tenants.reason !== undefined) return
    try {
      sendKeepalive(this.#client)
    } catch (error) {
      this.#finish(translateClientError(error, { hop: this.#hop, phase: 'session' }))
    }
  }

  async end(reason: SallyportError): Promise<void> {
    if (this.#tenants.reason === undefined) {
      this.#settle(reason)
      try {
        this.#client.end()
      } catch {
        // The connection is gone: nobody is left to say goodbye to.
      }
    }
    await this.#letGo()
  }

  /** Opens a channel. One that is confirmed after the caller has gone, or too late, is closed at once. */
  #open<T>(request: (done: OnChannel) => void, signal: AbortSignal, answer: ChannelAnswer<T>): Promise<T> {
    const { awaited, limitMs, opened, refused } = answer
    const ask = (answered: (take: () => T) => void): (() => void) => {
      const done: OnChannel = (error, channel) =>
        answered(() => {
          if (error) throw refused(error)
          return opened(channel)
        })
      return requestChannel(this.#client, { request: () => request(done), discard })
    }
    const question = { awaited, limitMs, phase: 'channel', signal, ask } as const
    return this.#quickAck.during(awaitAnswer(question, { hop: this.#hop, tenants: this.#tenants }))
  }

  #finish(error: SallyportError): void {
    if (this.#tenants.reason !== undefined) return
    this.#settle(error)
    this.#stream.destroy()
  }

  #settle(reason: SallyportError): void {
    this.#tenants.settle(reason)
    this.#settleEnded(reason)
  }

  #letGo(): Promise<void> {
    const stream = this.#stream
    return new Promise((resolve) => {
      if (stream.closed) return resolve()
      const giveUp = setTimeout(() => stream.destroy(), goodbyeMs)
      stream.once('close', () => {
        clearTimeout(giveUp)
        resolve()
      })
      if (stream.writableFinished) stream.destroy()
      else stream.once('finish', () => stream.destroy())
    })
  }
}

type OnChannel = (error: Error | undefined, channel: ClientChannel) => void

interface ChannelAnswer<T> {
  /** What it is, for the error of one that does not come. */
  readonly awaited: string
  /** Milliseconds to wait for it; 0 for as long as the caller does. */
  readonly limitMs: number
  /** Called within ssh2's own call, because the channel's end may stand in the same packet as its confirmation. */
  readonly opened: (channel: ClientChannel) => T
  readonly refused: (error: unknown) => SallyportError
}

function wanted({ command, subsystem }: StartRequest): string {
  if (subsystem !== undefined) return 'subsystem'
  return command === undefined ? 'shell' : 'command'
}

function discard(channel: ClientChannel): void {
  channel.on('error', () => {})
  channel.resume()
  channel.stderr.resume()
  closeChannel(channel)
}
