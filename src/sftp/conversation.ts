// Requests and their replies over the two streams of an SFTP subsystem: ids, many requests at once, and an end that
// settles all of them. What the messages mean is for requests.ts; why the streams ended is for subsystem.ts.

import type { Readable, Writable } from 'node:stream'
import { type Deferred, deferred } from '../deferred.js'
import { type HopRef, SallyportError } from '../errors.js'
import { interruptible } from '../interruptible.js'
import { printable } from '../printable.js'
import { brokenProtocol } from './protocol/broken.js'
import type { FieldReader } from './protocol/field-reader.js'
import { message, protocolVersion, status } from './protocol/numbers.js'
import { type Packet, PacketReader } from './protocol/packet-reader.js'
import { PacketWriter } from './protocol/packet-writer.js'
import { readStatus, type StatusReply } from './protocol/replies.js'
import { initPacket, readVersion, type VersionReply } from './protocol/version.js'

/** One request, and what to make of its reply. */
export interface Request<T> {
  readonly type: number
  /** Writes what follows the id. */
  readonly write: (writer: PacketWriter) => unknown
  /** A last field, which is not copied when it is long: it must not change before the reply. */
  readonly data?: Uint8Array | undefined
  /** The type of the reply; a status is always possible. */
  readonly reply: number
  /** Reads a reply of that type. What it throws ends the session. */
  readonly read: (fields: FieldReader) => T
  /** What a status stands for; throws the error of this request. */
  readonly onStatus: (reply: StatusReply) => T
  /** Told of the reply to a request that was aborted: its value, or `undefined` when there is none. */
  readonly onLate?: ((value: T | undefined) => void) | undefined
}

interface Waiting {
  readonly accept: (type: number, fields: FieldReader) => void
  readonly fail: (reason: unknown) => void
}

export interface ConversationOptions {
  readonly hop: HopRef
  /** Called once when the server breaks the protocol; the callee ends the conversation with the error. */
  readonly onBroken: (error: SallyportError) => void
}

// A packet of SSH of its own costs more than the copy of so many bytes.
const copiedBytes = 16 * 1024
// What is kept of the beginning, to be shown when it is no SFTP.
const shownStartBytes = 512

export class Conversation {
  readonly #stdin: Writable
  readonly #options: ConversationOptions
  readonly #reader = new PacketReader()
  readonly #waiting = new Map<number, Waiting>()
  readonly #version: Deferred<VersionReply> = deferred()
  #start: Buffer | undefined = Buffer.alloc(0)
  #lastId = 0
  #reason: { readonly error: unknown } | undefined

  constructor(
    streams: { readonly stdin: Writable; readonly stdout: Readable },
    options: ConversationOptions,
  ) {
    this.#stdin = streams.stdin
    this.#options = options
    this.#version.promise.catch(() => {})
    streams.stdout.on('data', (bytes: Buffer) => this.#onData(bytes))
  }

  /** Whether the server's version has come. */
  get hasBegun(): boolean {
    return this.#start === undefined
  }

  /** Says which version this side speaks, and resolves to what the server says. Rejects with SFTP_UNAVAILABLE. */
  begin(signal: AbortSignal): Promise<VersionReply> {
    this.#stdin.write(initPacket())
    return interruptible(this.#version.promise, signal)
  }

  /**
   * Sends a request. Rejects with what `onStatus` throws, at once with the signal's reason, or with the reason of the
   * end.
   */
  ask<T>(request: Request<T>, signal?: AbortSignal): Promise<T> {
    if (this.#reason !== undefined) return Promise.reject(this.#reason.error)
    if (signal?.aborted) return Promise.reject(signal.reason)
    const id = this.#nextId()
    const { promise, resolve, reject } = deferred<T>()
    let isLate = false
    const abort = (): void => {
      isLate = true
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
    this.#waiting.set(id, {
      accept: (type, fields) => {
        const outcome = outcomeOf(request, type, fields)
        signal?.removeEventListener('abort', abort)
        if (isLate) request.onLate?.('value' in outcome ? outcome.value : undefined)
        else if ('value' in outcome) resolve(outcome.value)
        else reject(outcome.error)
      },
      fail: (reason) => {
        signal?.removeEventListener('abort', abort)
        reject(reason)
      },
    })
    this.#send(id, request)
    return promise
  }

  /** Rejects everything that is asked and will be. The first reason stays. */
  end(reason: unknown): void {
    if (this.#reason !== undefined) return
    this.#reason = { error: reason }
    this.#version.reject(reason)
    for (const { fail } of this.#waiting.values()) fail(reason)
    this.#waiting.clear()
  }

  #send<T>(id: number, { type, write, data }: Request<T>): void {
    const writer = new PacketWriter(type).uint32(id)
    write(writer)
    if (data === undefined) {
      this.#stdin.write(writer.packet())
      return
    }
    if (data.byteLength <= copiedBytes) {
      this.#stdin.write(writer.string(data).packet())
      return
    }
    this.#stdin.write(writer.uint32(data.byteLength).head(data.byteLength))
    this.#stdin.write(data)
  }

  #nextId(): number {
    do this.#lastId = (this.#lastId + 1) >>> 0
    while (this.#waiting.has(this.#lastId))
    return this.#lastId
  }

  #onData(bytes: Buffer): void {
    if (this.#reason !== undefined) return
    if (this.#start !== undefined) {
      this.#start = Buffer.concat([this.#start, bytes.subarray(0, shownStartBytes - this.#start.length)])
    }
    try {
      for (const packet of this.#reader.read(bytes)) {
        this.#onPacket(packet)
        if (this.#reason !== undefined) return
      }
    } catch (error) {
      this.#options.onBroken(this.#located(error))
    }
  }

  #onPacket({ type, fields }: Packet): void {
    if (this.#start !== undefined) {
      this.#onFirst(type, fields)
      return
    }
    const id = fields.uint32()
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) throw brokenProtocol('answered a request that it was not asked')
    this.#waiting.delete(id)
    try {
      waiting.accept(type, fields)
    } catch (error) {
      // It is no longer among those that the end settles.
      waiting.fail(this.#located(error))
      throw error
    }
  }

  #onFirst(type: number, fields: FieldReader): void {
    if (type !== message.version) throw brokenProtocol('began with another message than its version')
    const reply = readVersion(fields)
    this.#start = undefined
    if (reply.version === protocolVersion) {
      this.#version.resolve(reply)
      return
    }
    const what = `speaks SFTP version ${reply.version}, not ${protocolVersion}`
    this.#options.onBroken(new SallyportError('SFTP_UNAVAILABLE', what, this.#where))
  }

  get #where() {
    return { hop: this.#options.hop, phase: 'session' } as const
  }

  #located(error: unknown): SallyportError {
    const what = error instanceof Error ? error.message : String(error)
    if (this.#start === undefined) {
      return new SallyportError('PROTOCOL_ERROR', `the SFTP server ${what}`, { ...this.#where, cause: error })
    }
    const start = printable(this.#start.toString('latin1'))
    return new SallyportError('SFTP_UNAVAILABLE', `did not answer with SFTP but with "${start}"`, {
      ...this.#where,
      hint: 'its shell must print nothing when no person logs in: see its start-up files, and ForceCommand',
      cause: error,
    })
  }
}

// What it throws is a fault of the protocol; the error of the request itself is a part of its result.
function outcomeOf<T>(
  request: Request<T>,
  type: number,
  fields: FieldReader,
): { readonly value: T } | { readonly error: unknown } {
  if (type === message.status) {
    const reply = readStatus(fields)
    if (reply.code === status.ok && request.reply !== message.status) {
      throw brokenProtocol('said that all is well where an answer was needed')
    }
    try {
      return { value: request.onStatus(reply) }
    } catch (error) {
      return { error }
    }
  }
  if (type !== request.reply)
    throw brokenProtocol(`answered with a message of type ${type} in place of ${request.reply}`)
  return { value: request.read(fields) }
}
