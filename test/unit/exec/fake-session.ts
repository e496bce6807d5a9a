// A session whose processes are played by the test, and an Acquire that counts what it leased.

import { once } from 'node:events'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import type { HopRef } from '../../../src/errors.js'
import type { Acquire, SessionTerms } from '../../../src/hops/lease.js'
import type { ProcessEnd, RemoteProcess, Session, StartRequest } from '../../../src/wire/wire.js'

export const hop: HopRef = { index: 0, count: 1, user: 'me', host: 'web1', port: 22 }

export class FakeProcess implements RemoteProcess {
  readonly stdin: Writable & Readable = new PassThrough()
  readonly stdout = new PassThrough()
  readonly stderr = new PassThrough()
  readonly end: Promise<ProcessEnd>
  readonly signals: string[] = []
  readonly sizes: string[] = []
  closes = 0
  readonly lose: (error: Error) => void
  readonly #end: (end: ProcessEnd) => void

  constructor() {
    const { promise, resolve, reject } = withResolvers<ProcessEnd>()
    this.end = promise
    this.#end = resolve
    this.lose = reject
  }

  /** Ends like a command: the streams end, and when they have been read, the process has ended. */
  exit(exitCode: number | null, signal: string | null = null, coreDumped = false): void {
    const ends = [this.stdout, this.stderr].map((stream) => once(stream.end(), 'close'))
    void Promise.all(ends).then(() => this.#end({ exitCode, signal, coreDumped }))
  }

  kill(signal: string): void {
    this.signals.push(signal)
  }

  resize(columns: number, rows: number): void {
    this.sizes.push(`${columns}x${rows}`)
  }

  close(): void {
    this.closes += 1
  }
}

/** What a hop says about its sessions when nothing is set. */
const noTerms: SessionTerms = {
  env: {},
  remoteCommand: undefined,
  requestTty: 'auto',
  sessionType: 'default',
  forwarding: {
    gatewayPorts: false,
    permitRemoteOpen: undefined,
    streamLocalBindMask: 0o177,
    streamLocalBindUnlink: false,
  },
}

/** A hop on which `script` plays what is started. `leases` are those that were not yet released. */
export function fakeHop(
  script: (process: FakeProcess, request: StartRequest) => unknown = () => {},
  terms: Partial<SessionTerms> = {},
): {
  readonly acquire: Acquire
  readonly process: FakeProcess
  readonly requests: StartRequest[]
  readonly counts: { leases: number; acquired: number }
} {
  const process = new FakeProcess()
  const requests: StartRequest[] = []
  const counts = { leases: 0, acquired: 0 }
  const session = {
    start: async (request: StartRequest, signal: AbortSignal) => {
      signal.throwIfAborted()
      requests.push(request)
      queueMicrotask(() => script(process, request))
      return process
    },
  } as Partial<Session> as Session
  const acquire: Acquire = async ({ signal, check }) => {
    signal?.throwIfAborted()
    check?.({ ...noTerms, ...terms })
    counts.acquired += 1
    counts.leases += 1
    let held = true
    return {
      hop,
      session,
      terms: { ...noTerms, ...terms },
      ref: () => {},
      unref: () => {},
      release: () => {
        if (held) counts.leases -= 1
        held = false
      },
    }
  }
  return { acquire, process, requests, counts }
}

export function withResolvers<T>(): {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (error: unknown) => void
} {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  promise.catch(() => {})
  return { promise, resolve, reject }
}
